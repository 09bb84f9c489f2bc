package io.robustmq.core.deadletter;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the letters of one group go, as its configuration and the topic's are now. Immutable.
 *
 * @param topic null while there is none of this name
 * @param refusal why no letter may be written there; empty when one may
 */
record DeadLetterRules(String name, @Nullable TopicImage topic, int batchBytesMax, boolean copies, String refusal) {
    static DeadLetterRules of(MetaImage image, DeadLetterConfig config, String groupId) {
        Map<String, String> set = image.configs(new ConfigScope(ConfigScope.Kind.GROUP, groupId));
        String name = set.getOrDefault(DeadLetterConfig.GROUP_TOPIC.name(), "");
        String copies = set.get(DeadLetterConfig.GROUP_COPIES.name());
        TopicImage topic = image.topic(name);
        TopicSettings settings = topic == null ? TopicSettings.DEFAULTS : TopicSettings.of(topic.configs());
        return new DeadLetterRules(
                name,
                topic,
                settings.maxMessageBytes(),
                copies != null && DeadLetterConfig.GROUP_COPIES.parse(copies),
                refusal(name, topic, settings, config));
    }

    private static String refusal(
            String name, @Nullable TopicImage topic, TopicSettings settings, DeadLetterConfig config) {
        if (name.isEmpty()) {
            return "the group names no topic any more";
        }
        if (topic == null && !config.createsTopics()) {
            return "the topic does not exist and " + DeadLetterConfig.CREATES_TOPICS + "=false";
        }
        if (topic != null && !settings.takesDeadLetters()) {
            return "the topic does not have " + TopicSettings.TAKES_DEAD_LETTERS + "=true";
        }
        return name.startsWith(config.prefix())
                ? ""
                : "the topic's name does not begin with " + DeadLetterConfig.PREFIX + "=" + config.prefix();
    }
}
