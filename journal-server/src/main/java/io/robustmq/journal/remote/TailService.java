package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.port.ReadResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells {@link LeaderStream}s what comes in partitions that this node leads: one question waits for many of them. Each conversation
 * is owned by its connection's loop.
 */
public final class TailService implements NodeLink.Service {
    /** So long a question waits that nothing answers. */
    static final int WAIT_MS = 5_000;
    /** The oldest of more questions is answered by nothing: who asks wants to say something. */
    static final int QUESTIONS_MAX = 4;

    private static final int PLACES_MAX = 1 << 17;
    private static final int ANSWER_BYTES = 4 << 20;

    private final Journal journal;

    public TailService(Journal journal) {
        this.journal = journal;
    }

    @Override
    public NodeLink.Conversation begin(Loop loop) {
        return new Following(loop);
    }

    /** A question without answer. */
    private static final class Question {
        private final NodeLink.Answer answer;
        private Cancellable timer = Cancellable.NOTHING;

        private Question(NodeLink.Answer answer) {
            this.answer = answer;
        }
    }

    /** Where something is wanted; it is told once. */
    private static final class Place {
        private final TailCodec.Wanted wanted;
        private Cancellable advance = Cancellable.NOTHING;

        private Place(TailCodec.Wanted wanted) {
            this.wanted = wanted;
        }
    }

    /** What one node wants. */
    private final class Following implements NodeLink.Conversation {
        private final Loop loop;
        private final Map<Integer, Place> places = new HashMap<>();
        /** Those that have something to tell, or may have. */
        private final ArrayDeque<Place> ready = new ArrayDeque<>();

        private final ArrayDeque<Question> questions = new ArrayDeque<>();

        Following(Loop loop) {
            this.loop = loop;
        }

        @Override
        public void onCall(ByteBuf body, NodeLink.Answer answer) {
            byte kind = body.readByte();
            switch (kind) {
                case TailCodec.FOLLOW -> follow(TailCodec.readFollow(body), new Question(answer));
                case TailCodec.STATES -> {
                    ByteBuf states = ByteBufAllocator.DEFAULT.buffer();
                    TailCodec.readPartitions(body).forEach(p -> LogCodec.write(states, journal.state(p)));
                    answer.send(states);
                }
                default -> throw new IllegalArgumentException("question " + kind + " is not known");
            }
        }

        private void follow(TailCodec.Follow asked, Question question) {
            if (asked.anew()) {
                forgetAll();
            }
            for (int number : asked.dropped()) {
                Place dropped = places.remove(number);
                if (dropped != null) {
                    dropped.advance.cancel();
                }
            }
            for (TailCodec.Wanted wanted : asked.wanted()) {
                Place place = new Place(wanted);
                places.put(wanted.number(), place);
                ready.add(place);
            }
            questions.add(question);
            question.timer = loop.schedule(WAIT_MS, () -> {
                if (questions.remove(question)) {
                    question.answer.send(ByteBufAllocator.DEFAULT.buffer(0));
                }
            });
            answer();
            if (questions.size() > QUESTIONS_MAX) {
                send(List.of(ByteBufAllocator.DEFAULT.buffer(0)));
            }
        }

        /** What is ready goes with the oldest question. */
        private void answer() {
            while (!ready.isEmpty() && !questions.isEmpty()) {
                List<Object> parts = new ArrayList<>();
                for (int bytes = 0; bytes < ANSWER_BYTES && !ready.isEmpty(); ) {
                    Place place = ready.remove();
                    if (isWanted(place)) {
                        bytes += tell(place, parts);
                    }
                }
                if (!parts.isEmpty()) {
                    send(parts);
                }
            }
        }

        private boolean isWanted(Place place) {
            return places.get(place.wanted.number()) == place;
        }

        private void send(List<Object> parts) {
            Question oldest = questions.remove();
            oldest.timer.cancel();
            oldest.answer.send(parts.toArray());
        }

        /** How many bytes it told; 0 when there is nothing yet. */
        private int tell(Place place, List<Object> parts) {
            TailCodec.Wanted wanted = place.wanted;
            ReadResult result = places.size() > PLACES_MAX
                    ? ReadResult.refused(BrokerError.OVERLOADED)
                    : journal.read(wanted.partition(), wanted.offset(), wanted.maxBytes(), true, wanted.isolation());
            if (isNothing(result, wanted.offset())) {
                place.advance = journal.onAdvance(
                        wanted.partition(),
                        result.waitFrom(wanted.offset(), wanted.isolation()),
                        wanted.isolation(),
                        loop,
                        () -> loop.execute(() -> advanced(place)));
                return 0;
            }
            places.remove(wanted.number());
            ByteBuf head = TailCodec.head(wanted.number(), result);
            int bytes = head.readableBytes() + result.sizeInBytes();
            parts.add(head);
            LogSlice slice = result.slice();
            if (slice != null) {
                parts.add(slice.toOutbound());
            }
            return bytes;
        }

        private void advanced(Place place) {
            if (isWanted(place)) {
                ready.add(place);
                answer();
            }
        }

        private void forgetAll() {
            places.values().forEach(place -> place.advance.cancel());
            places.clear();
            ready.clear();
        }

        @Override
        public void ended() {
            forgetAll();
            questions.forEach(question -> question.timer.cancel());
            questions.clear();
        }
    }

    /** A leader that has just begun may not know yet of what is committed behind its own end: it comes. */
    private static boolean isNothing(ReadResult result, long offset) {
        boolean isAhead = result.error() == BrokerError.OFFSET_OUT_OF_RANGE && offset > result.logStartOffset();
        return isAhead || (result.error() == BrokerError.NONE && result.slice() == null);
    }
}
