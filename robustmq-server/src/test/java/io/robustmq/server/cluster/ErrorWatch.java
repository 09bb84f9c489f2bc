package io.robustmq.server.cluster;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/** Takes the place of the product's log: an error is told, and nothing else is heard. */
final class ErrorWatch extends AppenderBase<ILoggingEvent> {
    private final Logger log = (Logger) LoggerFactory.getLogger("io.robustmq");
    private final Level level = log.getEffectiveLevel();
    private Consumer<String> violated = what -> {};

    void begin() {
        log.setLevel(Level.ERROR);
        log.setAdditive(false);
        log.addAppender(this);
        start();
    }

    void end() {
        stop();
        log.detachAppender(this);
        log.setAdditive(true);
        log.setLevel(level);
    }

    void tell(Consumer<String> to) {
        violated = to;
    }

    @Override
    protected void append(ILoggingEvent event) {
        String cause = event.getThrowableProxy() == null
                ? ""
                : " " + event.getThrowableProxy().getClassName() + ": "
                        + event.getThrowableProxy().getMessage();
        violated.accept("logged: " + event.getFormattedMessage() + cause);
    }
}
