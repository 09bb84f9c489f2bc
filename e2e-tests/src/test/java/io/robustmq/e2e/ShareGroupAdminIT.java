package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.ShareGroupDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Share groups as administrators see and change them. */
@ExtendWith(SharedBroker.class)
class ShareGroupAdminIT {
    @Test
    void groupIsListedDescribedMovedForgottenAndDeleted(BrokerProcess broker) {
        var groups = new ShareGroups(broker);
        groups.create("administered", 1, Map.of());
        groups.produce("administered", 0, 10);
        var partition = new TopicPartition("administered", 0);
        try (var admin = KafkaClients.admin(broker)) {
            try (var member = groups.member("administered", Map.of("client.id", "worker"))) {
                readAll(member, 10);
                assertListed(admin, GroupState.STABLE);
                assertDescribed(admin);
                assertThat(KafkaClients.refusal(admin.alterShareGroupOffsets("administered", Map.of(partition, 4L))
                                .all()))
                        .isInstanceOf(GroupNotEmptyException.class);
                assertThat(KafkaClients.refusal(
                                admin.deleteShareGroups(List.of("administered")).all()))
                        .isInstanceOf(GroupNotEmptyException.class);
            }
            assertListed(admin, GroupState.EMPTY);
            assertThat(groups.offset("administered").startOffset()).isEqualTo(10);

            KafkaClients.answer(admin.alterShareGroupOffsets("administered", Map.of(partition, 4L))
                    .all());
            assertThat(groups.offset("administered").startOffset()).isEqualTo(4);
            assertThat(groups.offset("administered").lag()).hasValue(6L);
            try (var member = groups.member("administered", Map.of())) {
                readAll(member, 6);
            }

            KafkaClients.answer(admin.deleteShareGroupOffsets("administered", Set.of("administered"))
                    .all());
            assertThat(groups.offsets("administered")).isEmpty();

            KafkaClients.answer(admin.deleteShareGroups(List.of("administered")).all());
            assertThat(KafkaClients.refusal(
                            admin.describeShareGroups(List.of("administered")).all()))
                    .isInstanceOf(GroupIdNotFoundException.class);
        }
    }

    private static void readAll(KafkaShareConsumer<String, String> member, int count) {
        var read = new ArrayList<ConsumerRecord<String, String>>();
        Await.until("all is read", () -> {
            member.poll(ShareGroups.POLL).forEach(read::add);
            return read.size() >= count;
        });
        assertThat(read).hasSize(count);
        member.commitSync();
    }

    private static void assertListed(Admin admin, GroupState state) {
        var options = new ListGroupsOptions().withTypes(Set.of(GroupType.SHARE));
        assertThat(KafkaClients.answer(admin.listGroups(options).all()))
                .filteredOn(group -> group.groupId().equals("administered"))
                .extracting(GroupListing::groupState)
                .containsExactly(Optional.of(state));
    }

    private static void assertDescribed(Admin admin) {
        ShareGroupDescription described = KafkaClients.answer(
                        admin.describeShareGroups(List.of("administered")).all())
                .get("administered");
        assertThat(described.groupState()).isEqualTo(GroupState.STABLE);
        assertThat(described.members()).singleElement().satisfies(member -> {
            assertThat(member.clientId()).isEqualTo("worker");
            assertThat(member.assignment().topicPartitions()).containsExactly(new TopicPartition("administered", 0));
        });
    }
}
