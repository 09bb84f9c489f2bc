package io.robustmq.core.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.record.RecordHeader;
import io.robustmq.core.subscription.MqttTopic;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class MappingPropertyTest {
    private final TopicMapping mapping = new TopicMapping(
            Route.parseAll(List.of("r/+/# -> other : {2}-{1}", "s/# -> s : x", "same/# -> same : {1}", "n/+ -> n :")),
            first -> first.length() < 4);

    @Property
    void everyTopicComesBackFromItsRecord(@ForAll("topics") String topic) {
        LogAddress address = mapping.toLog(topic);
        List<RecordHeader> headers =
                MqttRecords.toHeaders(PublishProperties.EMPTY, address.carriesTopicHeader() ? topic : null);
        String back = Records.read(address.key(), headers, record -> mapping.toMqtt(address.topic(), record));
        assertThat(back).isEqualTo(topic);
    }

    @Property
    void everyPropertyComesBackFromItsHeaders(@ForAll("properties") PublishProperties properties) {
        List<RecordHeader> headers = MqttRecords.toHeaders(properties, null);
        PublishProperties back = Records.read(null, headers, MqttRecords::fromRecord);
        assertThat(back).usingRecursiveComparison().isEqualTo(properties);
    }

    @Provide
    Arbitrary<String> topics() {
        Arbitrary<String> levels = Arbitraries.of("r", "s", "same", "n", "a", "", "longer", "ü", "a b", "{1}", "__x");
        Arbitrary<String> any = Arbitraries.strings().ofMinLength(1).ofMaxLength(20);
        return Arbitraries.oneOf(levels.list().ofMinSize(1).ofMaxSize(4).map(parts -> String.join("/", parts)), any)
                .filter(topic -> MqttTopic.isValid(topic) && !MqttTopic.isSystem(topic));
    }

    @Provide
    Arbitrary<PublishProperties> properties() {
        Arbitrary<String> text = Arbitraries.of("", "mqtt.qos", "mqtt.user.x", "name", "ü", "mqtt.");
        Arbitrary<List<UserProperty>> users =
                Combinators.combine(text, text).as(UserProperty::new).list().ofMaxSize(4);
        return Combinators.combine(
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.of(true, false),
                        Arbitraries.longs().between(-1, PublishProperties.EXPIRY_SECONDS_MAX),
                        text.injectNull(0.5),
                        Arbitraries.of("a", "reply/to", "/").injectNull(0.5),
                        Arbitraries.bytes().array(byte[].class).ofMaxSize(5).injectNull(0.5),
                        Arbitraries.integers().between(0, 1),
                        users)
                .as(PublishProperties::new);
    }
}
