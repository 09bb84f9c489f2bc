package io.robustmq.journal.tier;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux keeps a nice value for each thread")
final class NiceThreadsTest {
    @Test
    void aThreadLeavesTheCoresToOthersAndNoOtherThreadDoes() throws Exception {
        int here = niceOfThisThread();

        assertThat(niceIn(NiceThreads.named("nice-", 19))).isEqualTo(19);
        assertThat(niceIn(NiceThreads.named("plain-", 0))).isEqualTo(here);
        assertThat(niceOfThisThread()).isEqualTo(here);
    }

    private static int niceIn(ThreadFactory threads) throws Exception {
        ExecutorService one = Executors.newSingleThreadExecutor(threads);
        try {
            return one.submit(NiceThreadsTest::niceOfThisThread).get(1, TimeUnit.MINUTES);
        } finally {
            one.shutdownNow();
        }
    }

    /** The 19th field of proc(5)'s stat; the second one, which may have blanks, ends with a bracket. */
    private static int niceOfThisThread() throws Exception {
        String stat = Files.readString(Path.of("/proc/thread-self/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Integer.parseInt(fields[19 - 3]);
    }
}
