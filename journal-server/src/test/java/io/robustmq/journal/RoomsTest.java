package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.port.SegmentStore;
import io.robustmq.storage.memory.MemoryStore;
import org.junit.jupiter.api.Test;

class RoomsTest {
    private final SegmentStore store = new MemoryStore(1 << 20);
    private final Rooms rooms = new Rooms();
    private long nowNs;

    @Test
    void whatHadNoRoomIsFullUntilNothingMissedItForAWhile() {
        assertThat(rooms.isFull(store, nowNs)).isFalse();
        rooms.full(store, nowNs);
        nowNs += Rooms.QUIET_NS - 1;
        assertThat(rooms.isFull(store, nowNs)).isTrue();
        rooms.full(store, nowNs);
        nowNs += Rooms.QUIET_NS - 1;
        assertThat(rooms.isFull(store, nowNs)).isTrue();
        nowNs += 1;
        assertThat(rooms.isFull(store, nowNs)).isFalse();
        assertThat(rooms.isFull(new MemoryStore(1 << 20), nowNs)).isFalse();
    }

    @Test
    void whatIsFullAgainSoonIsFullForLongerEachTime() {
        rooms.full(store, nowNs);
        assertThat(fullFor()).isEqualTo(Rooms.QUIET_NS);
        rooms.full(store, nowNs);
        assertThat(fullFor()).isEqualTo(2 * Rooms.QUIET_NS);
        for (int i = 0; i < 20; i++) {
            rooms.full(store, nowNs);
            long unused = fullFor();
        }
        rooms.full(store, nowNs);
        assertThat(fullFor()).isEqualTo(Rooms.QUIET_NS_MAX);
        nowNs += 2 * Rooms.QUIET_NS_MAX;
        rooms.full(store, nowNs);
        assertThat(fullFor()).isEqualTo(Rooms.QUIET_NS);
    }

    private long fullFor() {
        long before = nowNs;
        long step = Rooms.QUIET_NS;
        while (rooms.isFull(store, nowNs)) {
            nowNs += step;
        }
        return nowNs - before;
    }
}
