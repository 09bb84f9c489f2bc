package io.robustmq.core.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CrashPointTest {
    @Test
    void nothingStopsAProcessThatWasNotAskedTo() {
        for (CrashPoint each : CrashPoint.values()) {
            each.reached();
        }
        assertThat(CrashPoint.armed()).isEmpty();
        assertThat(CrashPoint.fault()).isEmpty();
    }

    @Test
    void theFirstTimeIsMeantUnlessAnotherIsSaid() {
        assertThat(CrashPoint.point("COMMITTED")).isEqualTo(CrashPoint.COMMITTED);
        assertThat(CrashPoint.times("COMMITTED")).isEqualTo(1);
        assertThat(CrashPoint.point("PACK_STORED:3")).isEqualTo(CrashPoint.PACK_STORED);
        assertThat(CrashPoint.times("PACK_STORED:3")).isEqualTo(3);
        assertThat(CrashPoint.fault("PACK_STORED:3")).isEmpty();
    }

    @Test
    void whatIsNoPointIsToldWithThosePointsThatAre() {
        assertThat(CrashPoint.fault("COMITTED")).contains("COMITTED", "COMMITTED", "PACKS_DELETED");
        assertThat(CrashPoint.fault("COMMITTED:0")).isNotEmpty();
        assertThat(CrashPoint.fault("COMMITTED:")).isNotEmpty();
        assertThat(CrashPoint.fault("COMMITTED:x")).isNotEmpty();
    }

    @Test
    void thePageOnStoresSaysWhatIsThereAfterACrashAtEachPoint() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "storage.md"));
        for (CrashPoint each : CrashPoint.values()) {
            assertThat(page).contains("`" + each + "`");
        }
    }
}
