package io.robustmq.core.group;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.Client;
import io.robustmq.core.group.GroupCommand.CommitOffsets;
import io.robustmq.core.group.GroupCommand.FetchOffsets;
import io.robustmq.core.group.GroupCommand.Heartbeat;
import io.robustmq.core.group.GroupCommand.Join;
import io.robustmq.core.group.GroupCommand.JoinOptions;
import io.robustmq.core.group.GroupCommand.JoinProtocol;
import io.robustmq.core.group.GroupCommand.Leave;
import io.robustmq.core.group.GroupCommand.Leaver;
import io.robustmq.core.group.GroupCommand.MemberTerms;
import io.robustmq.core.group.GroupCommand.Membership;
import io.robustmq.core.group.GroupCommand.OffsetToCommit;
import io.robustmq.core.group.GroupCommand.Sync;
import io.robustmq.core.group.GroupCommand.Tick;
import io.robustmq.core.group.GroupReply.Done;
import io.robustmq.core.group.GroupReply.Fetched;
import io.robustmq.core.group.GroupReply.Joined;
import io.robustmq.core.group.GroupReply.Outcomes;
import io.robustmq.core.group.GroupReply.Synced;
import io.robustmq.core.group.consumer.ConsumerGroupConfig;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.model.TopicId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A machine, its clock, and everything it logged; facts go through the codec, as they do on their way to the log. */
final class GroupFixture {
    static final String GROUP = "g";
    static final TopicId TOPIC_ID = new TopicId(1, 2);
    private static final GroupFactCodec CODEC = new GroupFactCodec();

    final GroupConfig config;
    final List<GroupFact> log = new ArrayList<>();
    GroupMachine machine;
    long nowMs = 1_000_000;
    MetaImage image = MetaImage.EMPTY;
    private int nextMember;
    List<JoinProtocol> protocols = List.of(new JoinProtocol("range", subscription("t")));

    GroupFixture() {
        this(config(10));
    }

    GroupFixture(GroupConfig config) {
        this.config = config;
        this.machine = new GroupMachine(config);
        machine.activated(nowMs);
    }

    static GroupConfig config(int membersMax) {
        return config(membersMax, 0);
    }

    static GroupConfig config(int membersMax, int assignmentIntervalMs) {
        return new GroupConfig(
                16,
                -1,
                3_000,
                6_000,
                1_800_000,
                membersMax,
                100,
                7 * 86_400_000L,
                600_000,
                16,
                1 << 16,
                1000,
                new ConsumerGroupConfig(
                        ConsumerGroupConfig.Kind.CONSUMER,
                        45_000,
                        5_000,
                        assignmentIntervalMs,
                        ConsumerGroupConfig.Migration.BIDIRECTIONAL),
                new ConsumerGroupConfig(
                        ConsumerGroupConfig.Kind.SHARE,
                        45_000,
                        5_000,
                        assignmentIntervalMs,
                        ConsumerGroupConfig.Migration.DISABLED),
                3);
    }

    /** What a requester was told; null while it waits. */
    static final class Answer implements Requester {
        GroupReply reply;
        BrokerError refusal;

        @Override
        public void answer(GroupReply given) {
            if (reply != null || refusal != null) {
                throw new AssertionError("answered twice: " + reply + ", " + given);
            }
            reply = given;
        }

        @Override
        public void refuse(BrokerError error) {
            refusal = error;
        }

        Joined joined() {
            return (Joined) reply;
        }

        Synced synced() {
            return (Synced) reply;
        }

        BrokerError done() {
            return ((Done) reply).error();
        }

        boolean waits() {
            return reply == null && refusal == null;
        }
    }

    List<GroupFact> submit(GroupCommand command) {
        Decision<GroupFact, GroupEffect> decision = machine.decide(command, nowMs);
        decision.facts().forEach(fact -> {
            log.add(fact);
            machine.apply(throughTheLog(fact));
        });
        GroupSink sink = new GroupSink();
        decision.effects().forEach(sink::perform);
        return decision.facts();
    }

    static GroupFact throughTheLog(GroupFact fact) {
        return CODEC.decode(CODEC.key(fact), CODEC.value(fact));
    }

    /** Moves the time, ticking whenever the machine asks to be woken. */
    void advance(long ms) {
        long until = nowMs + ms;
        while (machine.wakeAtMs() <= until) {
            nowMs = Math.max(nowMs, machine.wakeAtMs());
            submit(new Tick());
        }
        nowMs = until;
    }

    /** Another coordinator takes over, with nothing but the log. */
    GroupMachine reload() {
        machine.dropped(BrokerError.NOT_COORDINATOR).forEach(new GroupSink()::perform);
        machine = new GroupMachine(config);
        log.forEach(fact -> machine.apply(throughTheLog(fact)));
        machine.activated(nowMs);
        return machine;
    }

    Answer join(String memberId) {
        return join(memberId, null, protocols);
    }

    Answer joinStatic(String memberId, String instanceId) {
        return join(memberId, instanceId, protocols);
    }

    Answer join(String memberId, String instanceId, List<JoinProtocol> offered) {
        return join(memberId, instanceId, offered, false);
    }

    Answer join(String memberId, String instanceId, List<JoinProtocol> offered, boolean idRequired) {
        Answer answer = new Answer();
        nextMember++;
        submit(new Join(
                answer,
                GROUP,
                memberId,
                instanceId,
                new Client("client", "/127.0.0.1"),
                new MemberTerms(60_000, 10_000, "consumer", offered),
                new JoinOptions(idRequired, true, "m" + nextMember),
                image));
        return answer;
    }

    Answer sync(Joined as, Map<String, Bytes> assignments) {
        return sync(as.generation(), as.memberId(), null, assignments);
    }

    Answer sync(int generation, String memberId, String instanceId, Map<String, Bytes> assignments) {
        Answer answer = new Answer();
        submit(new Sync(
                answer, GROUP, new Membership(generation, memberId, instanceId), "consumer", null, assignments));
        return answer;
    }

    BrokerError heartbeat(int generation, String memberId) {
        return heartbeat(generation, memberId, null);
    }

    BrokerError heartbeat(int generation, String memberId, String instanceId) {
        Answer answer = new Answer();
        submit(new Heartbeat(answer, GROUP, new Membership(generation, memberId, instanceId)));
        return answer.done();
    }

    Answer leave(String memberId, String instanceId) {
        Answer answer = new Answer();
        submit(new Leave(answer, GROUP, List.of(new Leaver(memberId, instanceId))));
        return answer;
    }

    BrokerError commit(int generation, String memberId, long offset) {
        return commit(generation, memberId, "t", offset, "", -1);
    }

    BrokerError commit(int generation, String memberId, String topic, long offset, String metadata, long retentionMs) {
        Answer answer = new Answer();
        submit(new CommitOffsets(
                answer,
                GROUP,
                new Membership(generation, memberId, null),
                retentionMs,
                false,
                List.of(new OffsetToCommit(topic, TOPIC_ID, 0, offset, 5, metadata))));
        return ((Outcomes) answer.reply).errors().get(0);
    }

    Fetched fetch() {
        Answer answer = new Answer();
        submit(new FetchOffsets(answer, GROUP, null));
        return (Fetched) answer.reply;
    }

    /** One member, stable, in generation 1. */
    Joined stableAlone() {
        Answer joining = join("");
        advance(3_000);
        sync(joining.joined(), Map.of(joining.joined().memberId(), bytes("a")));
        return joining.joined();
    }

    Group group() {
        return machine.groups().get(GROUP);
    }

    static Bytes bytes(String text) {
        return Bytes.of(text.getBytes(StandardCharsets.UTF_8));
    }

    static Bytes subscription(String... topics) {
        ByteBuffer buffer = ByteBuffer.allocate(256).putShort((short) 1).putInt(topics.length);
        for (String topic : topics) {
            byte[] name = topic.getBytes(StandardCharsets.UTF_8);
            buffer.putShort((short) name.length).put(name);
        }
        buffer.putInt(-1);
        byte[] bytes = new byte[buffer.position()];
        buffer.flip().get(bytes);
        return Bytes.of(bytes);
    }
}
