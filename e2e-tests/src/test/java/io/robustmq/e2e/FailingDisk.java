package io.robustmq.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file system on a block device that has less behind it than it says, as thin storage: once the rest is used up, writing
 * succeeds in the page cache, and forcing it to the disk is an input/output error. Needs root.
 */
final class FailingDisk implements AutoCloseable {
    private static final String BEHIND = "96m";
    private static final String PROMISED = "512M";

    private final Path behind;
    private final Path mounted;
    private final String device;

    private FailingDisk(Path behind, Path mounted, String device) {
        this.behind = behind;
        this.mounted = mounted;
        this.device = device;
    }

    /** Whether this machine lets such a one be made. */
    static boolean canBeMade() {
        if (!"root".equals(System.getProperty("user.name"))
                || !List.of("losetup", "mkfs.ext4", "mount").stream().allMatch(CommandLine::isInstalled)) {
            return false;
        }
        Path trial = Path.of("target", "failing-disk-trial").toAbsolutePath();
        try (var disk = make(trial)) {
            return Files.isDirectory(disk.directory());
        } catch (IOException | AssertionError e) {
            return false;
        }
    }

    static FailingDisk make(Path at) throws IOException {
        Path behind = Files.createDirectories(at.resolve("behind"));
        Path mounted = Files.createDirectories(at.resolve("disk"));
        CommandLine.run("mount", "-t", "tmpfs", "-o", "size=" + BEHIND, "tmpfs", behind.toString());
        try {
            Path image = behind.resolve("image");
            CommandLine.run("truncate", "-s", PROMISED, image.toString());
            CommandLine.run("mkfs.ext4", "-q", "-F", "-E", "nodiscard", image.toString());
            String device =
                    CommandLine.run("losetup", "-f", "--show", image.toString()).strip();
            var disk = new FailingDisk(behind, mounted, device);
            CommandLine.run("mount", device, mounted.toString());
            return disk;
        } catch (AssertionError e) {
            CommandLine.run("umount", "-l", behind.toString());
            throw e;
        }
    }

    Path directory() {
        return mounted;
    }

    /** From now on there is nothing behind what was not written before. */
    void useUp() throws IOException {
        DiskSpace.useUp(behind.resolve("rest"));
    }

    @Override
    public void close() {
        CommandLine.run("umount", "-l", mounted.toString());
        CommandLine.run("losetup", "-d", device);
        CommandLine.run("umount", "-l", behind.toString());
    }
}
