package io.robustmq.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ImageBoardTest {
    private static final int LAST = 20_000;

    @Test
    void aSubscriberThatComesAtAnyTimeMissesNothingAndSeesNothingTwice() throws InterruptedException {
        ImageBoard board = new ImageBoard(new MetaMetrics(new SimpleMeterRegistry()));
        CountDownLatch started = new CountDownLatch(1);
        Thread publisher = new Thread(() -> {
            for (int index = 1; index <= LAST; index++) {
                board.publish(MetaDelta.NOTHING, image(index));
                started.countDown();
            }
        });
        publisher.start();
        started.await();
        List<List<Long>> seen = new ArrayList<>();
        while (publisher.isAlive() && seen.size() < 50) {
            List<Long> indexes = Collections.synchronizedList(new ArrayList<>());
            seen.add(indexes);
            board.subscribe((delta, image) -> indexes.add(image.index()));
        }
        publisher.join();
        assertThat(seen).isNotEmpty();
        for (List<Long> indexes : seen) {
            for (int i = 1; i < indexes.size(); i++) {
                assertThat(indexes.get(i)).isEqualTo(indexes.get(i - 1) + 1);
            }
            assertThat(indexes.get(indexes.size() - 1)).isEqualTo(LAST);
        }
    }

    private static MetaImage image(long index) {
        return new MetaImage(index, "", -1, Map.of(), Map.of(), Map.of(), Map.of(), 0);
    }
}
