package io.robustmq.server.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.robustmq.kafka.handler.Loggers;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** The levels of this process's loggers. Stateless. */
public final class LogbackLoggers implements Loggers {
    @Override
    public Map<String, String> levels() {
        Map<String, String> levels = new TreeMap<>();
        for (Logger logger : context().getLoggerList()) {
            levels.put(nameOf(logger), logger.getEffectiveLevel().toString());
        }
        return levels;
    }

    @Override
    public boolean set(String name, @Nullable String level) {
        Logger logger = context().exists(name.equals(ROOT) ? Logger.ROOT_LOGGER_NAME : name);
        if (logger == null) {
            return false;
        }
        // Logback has no level above ERROR but off: FATAL, which Kafka's tools know, leaves the errors.
        logger.setLevel(level == null ? null : Level.toLevel(level, Level.ERROR));
        LoggerFactory.getLogger(LogbackLoggers.class).info("logger={} level={}", name, logger.getEffectiveLevel());
        return true;
    }

    private static String nameOf(Logger logger) {
        return logger.getName().equals(Logger.ROOT_LOGGER_NAME) ? ROOT : logger.getName();
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }
}
