package io.robustmq.server;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The process entry point. */
public final class Main {
    private static final Logger log = LoggerFactory.getLogger(Main.class);

    private Main() {}

    public static void main(String[] args) {
        log.info("robustmq version={}", Main.class.getPackage().getImplementationVersion());
    }
}
