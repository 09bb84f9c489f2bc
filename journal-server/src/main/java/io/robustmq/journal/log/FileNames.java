package io.robustmq.journal.log;

/** Names of a shard's files: an offset in 20 digits and a kind. */
final class FileNames {
    static final String LOG = ".log";
    static final String INDEX = ".index";
    static final String PRODUCERS = ".producers";
    static final String ABORTED = ".txnindex";
    static final String EPOCHS_FILE = name(0, ".epochs");
    static final String START_FILE = name(0, ".start");

    private static final int DIGITS = 20;

    private FileNames() {}

    static String name(long offset, String kind) {
        String digits = Long.toString(offset);
        return "0".repeat(DIGITS - digits.length()) + digits + kind;
    }

    static boolean isA(String name, String kind) {
        return name.length() == DIGITS + kind.length()
                && name.endsWith(kind)
                && name.chars().limit(DIGITS).allMatch(c -> c >= '0' && c <= '9');
    }

    static long offset(String name) {
        return Long.parseLong(name, 0, DIGITS, 10);
    }
}
