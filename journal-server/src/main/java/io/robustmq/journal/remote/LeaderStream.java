package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.port.ReadResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that is wanted of partitions that one node leads, in one conversation with its {@link TailService}: a question tells what is
 * wanted beside what was before, and is answered as soon as there is something of any of it. Owned by its loop, which the calls hand
 * over to.
 */
final class LeaderStream {
    /** Only says that the connection is dead. */
    private static final int ANSWER_MS_MAX = TailService.WAIT_MS + 10_000;

    private final int node;
    private final NodeLink link;
    private final Loop loop;
    private final LeaderStreams.Reader reader;
    private final Map<Integer, RemoteReads.Place> asked = new HashMap<>();
    private final Map<RemoteReads.Place, Integer> numbers = new HashMap<>();
    private Map<Integer, TailCodec.Wanted> wanted = new HashMap<>();
    private List<Integer> dropped = new ArrayList<>();
    private int lastNumber;
    private int unanswered;
    /** Grows when a question has no answer: then the other node may have forgotten what was wanted, or not. */
    private int round;

    private boolean anew = true;
    private boolean scheduled;

    LeaderStream(int node, NodeLink link, Loop loop, LeaderStreams.Reader reader) {
        this.node = node;
        this.link = link;
        this.loop = loop;
        this.reader = reader;
    }

    void want(RemoteReads.Place place, int maxBytes) {
        loop.execute(() -> {
            int number = ++lastNumber;
            Integer before = numbers.put(place, number);
            if (before != null) {
                forget(before);
            }
            asked.put(number, place);
            RemoteReads.Log log = place.log();
            wanted.put(
                    number, new TailCodec.Wanted(number, log.partition(), place.offset(), maxBytes, log.isolation()));
            schedule();
        });
    }

    /** Nobody waits for it any more. */
    void drop(RemoteReads.Place place) {
        loop.execute(() -> {
            Integer number = numbers.remove(place);
            if (number != null) {
                forget(number);
                schedule();
            }
        });
    }

    private void forget(int number) {
        asked.remove(number);
        if (wanted.remove(number) == null) {
            dropped.add(number);
        }
    }

    /** What is wanted in one turn goes with one question. */
    private void schedule() {
        if (!scheduled) {
            scheduled = true;
            loop.execute(() -> {
                scheduled = false;
                ask();
            });
        }
    }

    private void ask() {
        boolean news = !wanted.isEmpty() || !dropped.isEmpty();
        boolean needed = !asked.isEmpty() && unanswered == 0;
        if (!(news || needed) || unanswered >= TailService.QUESTIONS_MAX + 1) {
            return;
        }
        ByteBuf body = TailCodec.write(new TailCodec.Follow(anew, List.copyOf(wanted.values()), List.copyOf(dropped)));
        anew = false;
        wanted = new HashMap<>();
        dropped = new ArrayList<>();
        unanswered++;
        int mine = round;
        link.ask(node, NodeLink.Call.TAIL, body, ANSWER_MS_MAX, loop, answer -> answered(mine, answer));
    }

    /** Borrows the answer. */
    private void answered(int asOf, @Nullable ByteBuf answer) {
        if (asOf == round) {
            unanswered--;
        }
        if (answer != null) {
            while (answer.isReadable()) {
                tell(answer);
            }
        } else if (asOf == round) {
            lost();
        }
        schedule();
    }

    private void tell(ByteBuf answer) {
        int number = answer.readInt();
        ReadResult head = LogCodec.readHead(answer);
        ByteBuf records = answer.readSlice(answer.readInt());
        RemoteReads.Place place = asked.remove(number);
        if (place != null) {
            numbers.remove(place, number);
            boolean moved =
                    head.error() == BrokerError.UNKNOWN_TOPIC_OR_PARTITION || head.error() == BrokerError.NOT_LEADER;
            if (moved) {
                refuseSoon(List.of(place));
            } else {
                reader.answered(place, head, records);
            }
        }
    }

    /** Who waits looks anew where the partition is led. */
    private void lost() {
        round++;
        unanswered = 0;
        anew = true;
        wanted.clear();
        dropped.clear();
        List<RemoteReads.Place> waiting = List.copyOf(asked.values());
        asked.clear();
        numbers.clear();
        refuseSoon(waiting);
    }

    /** Who is told asks again: not all the time. */
    private void refuseSoon(List<RemoteReads.Place> places) {
        ReadResult refusal = ReadResult.refused(BrokerError.NOT_LEADER);
        loop.schedule(
                LeaderStreams.AGAIN_MS,
                () -> places.forEach(place -> reader.answered(place, refusal, Unpooled.EMPTY_BUFFER)));
    }
}
