package io.robustmq.core.tier.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.tier.TierCommand;
import io.robustmq.core.tier.TierManifest;
import io.robustmq.core.tier.TierRequester;
import io.robustmq.core.tier.TierSegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TierLinkCodecTest {
    private static final Partition PARTITION = new Partition(new TopicId(1, 2), 3);
    private static final TierSegment SEGMENT = new TierSegment(5, 10, 100, 1_000, 50, 4, "cluster/topic/3/5-1-x");

    @Test
    void commandsArriveAsTheyWereSent() {
        TierCommand.Claim claim = new TierCommand.Claim(4, 9);
        List<TierCommand.OfPartition> commands = List.of(
                new TierCommand.Lead(TierRequester.NOBODY, PARTITION, 4, 77),
                new TierCommand.Commit(TierRequester.NOBODY, PARTITION, claim, SEGMENT),
                new TierCommand.Retire(TierRequester.NOBODY, PARTITION, claim, 8),
                new TierCommand.Describe(TierRequester.NOBODY, PARTITION));
        for (TierCommand.OfPartition command : commands) {
            ByteBuf body = TierLinkCodec.encode(command);
            assertThat(TierLinkCodec.decode(body, TierRequester.NOBODY)).isEqualTo(command);
            assertThat(body.isReadable()).isFalse();
            body.release();
        }
    }

    @Test
    void answersArriveAsTheyWereGiven() {
        List<Object> heard = new ArrayList<>();
        TierRequester requester = new TierRequester() {
            @Override
            public void answer(TierManifest manifest) {
                heard.add(manifest);
            }

            @Override
            public void refuse(BrokerError error) {
                heard.add(error);
            }
        };
        TierManifest manifest = new TierManifest(9, List.of(SEGMENT));
        for (ByteBuf answer :
                List.of(TierLinkCodec.encode(manifest), TierLinkCodec.encode(BrokerError.FENCED_LEADER_EPOCH))) {
            TierLinkCodec.tell(answer, requester);
            answer.release();
        }
        assertThat(heard).containsExactly(manifest, BrokerError.FENCED_LEADER_EPOCH);
    }
}
