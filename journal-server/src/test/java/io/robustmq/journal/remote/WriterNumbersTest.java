package io.robustmq.journal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.NettyLoops;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.record.BatchBuilder;
import io.robustmq.core.record.RecordBatch;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WriterNumbersTest {
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Loop loop = new NettyLoops(group).loops().get(0);
    private final AtomicLong given = new AtomicLong(7);
    private WriterNumbers numbers;

    @BeforeEach
    void start() throws Exception {
        numbers = new WriterNumbers(id(), this::id);
        await();
    }

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void sequencesGoOnWithinAnEpochAndBeginAtZeroInTheNext() {
        assertThat(given()).isEqualTo(new Numbered(7, 0, 0));
        assertThat(given()).isEqualTo(new Numbered(7, 0, 1));
        numbers.startOver();
        assertThat(given()).isEqualTo(new Numbered(7, 1, 0));
    }

    @Test
    void aFenceHasTheEpochAndUsesUpNoSequence() {
        numbers.startOver();
        assertThat(given(fence())).isEqualTo(new Numbered(7, 1, -1));
        assertThat(given()).isEqualTo(new Numbered(7, 1, 0));
        assertThat(given(fence())).isEqualTo(new Numbered(7, 1, -1));
        assertThat(given()).isEqualTo(new Numbered(7, 1, 1));
    }

    @Test
    void generationsGoOnWhereEpochsBeginAnew() throws Exception {
        for (int i = 0; i <= Short.MAX_VALUE; i++) {
            numbers.startOver();
        }
        await();
        assertThat(numbers.generation()).isEqualTo(Short.MAX_VALUE + 1L);
    }

    @Test
    void anIdWhoseEpochsAreUsedUpIsFollowedByAnother() throws Exception {
        for (int i = 0; i < Short.MAX_VALUE; i++) {
            assertThat(numbers.isLastEpoch()).isFalse();
            numbers.startOver();
        }
        assertThat(numbers.isLastEpoch()).isTrue();
        assertThat(given()).isEqualTo(new Numbered(7, Short.MAX_VALUE, 0));
        numbers.startOver();
        assertThat(numbers.isKnown()).isFalse();
        await();
        assertThat(given()).isEqualTo(new Numbered(8, 0, 0));
    }

    private record Numbered(long id, int epoch, int sequence) {}

    private Numbered given() {
        BatchBuilder builder = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT, 128);
        builder.append(1, null, Unpooled.wrappedBuffer(new byte[1]), List.of());
        ByteBuf batch = builder.build();
        return given(new Write(batch, AppendOptions.DURABLE, 1, 0, loop, result -> {}));
    }

    private Numbered given(Write write) {
        numbers.give(write);
        ByteBuf bytes = write.bytes();
        RecordBatch header = new RecordBatch(bytes, bytes.readerIndex());
        Numbered given = new Numbered(header.producerId(), header.producerEpoch(), header.baseSequence());
        bytes.release();
        write.answer(AppendResult.appended(0, -1, 0));
        return given;
    }

    private Write fence() {
        return Write.fence(WriterFence.marker(1), 1, 0, loop, result -> {});
    }

    private WriterId id() {
        return new WriterId(1, () -> 1, new Ids(), loop);
    }

    private void await() throws Exception {
        CompletableFuture<Boolean> known = new CompletableFuture<>();
        numbers.whenKnown(loop, () -> known.complete(true));
        assertThat(known.get(10, TimeUnit.SECONDS)).isTrue();
    }

    private final class Ids implements MetaLog {
        @Override
        public MetaImage image() {
            throw new AssertionError("nobody looks");
        }

        @Override
        public CompletableFuture<MetaReply> submit(MetaCommand command) {
            return CompletableFuture.completedFuture(new MetaReply.ProducerIds(given.getAndIncrement(), 1));
        }

        @Override
        public Cancellable subscribe(MetaListener listener) {
            throw new AssertionError("nobody subscribes");
        }
    }
}
