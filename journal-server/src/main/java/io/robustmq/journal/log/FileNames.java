package io.robustmq.journal.log;

/** Names of a shard's files: an offset in 20 digits, the generation when compaction wrote it, and a kind. */
final class FileNames {
    static final String LOG = ".log";
    static final String INDEX = ".index";
    static final String PRODUCERS = ".producers";
    static final String ABORTED = ".txnindex";
    static final String EPOCHS_FILE = name(0, ".epochs");
    static final String CLEANED_FILE = name(0, ".cleaned");
    static final String START_FILE = name(0, ".start");
    static final String TIER_FILE = name(0, ".tier");

    private static final int DIGITS = 20;

    private FileNames() {}

    static String name(long offset, String kind) {
        String digits = Long.toString(offset);
        return "0".repeat(DIGITS - digits.length()) + digits + kind;
    }

    /** Generation 0 is what was appended; each compaction of a segment makes the next. */
    static String name(long offset, int generation, String kind) {
        return name(offset, generation == 0 ? kind : "." + generation + kind);
    }

    /** -1 when the name is not of this kind. */
    static int generation(String name, String kind) {
        int digits = name.length() - DIGITS - 1 - kind.length();
        if (isA(name, kind)) {
            return 0;
        }
        boolean named = digits > 0
                && digits < 10
                && name.endsWith(kind)
                && name.charAt(DIGITS) == '.'
                && name.chars().limit(DIGITS).allMatch(c -> c >= '0' && c <= '9')
                && name.chars().skip(DIGITS + 1).limit(digits).allMatch(c -> c >= '0' && c <= '9');
        return named ? Integer.parseInt(name, DIGITS + 1, DIGITS + 1 + digits, 10) : -1;
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
