package io.robustmq.server.config;

/** What this build calls itself. */
public final class Version {
    private Version() {}

    public static String text() {
        String written = Version.class.getPackage().getImplementationVersion();
        return written == null ? "development" : written;
    }
}
