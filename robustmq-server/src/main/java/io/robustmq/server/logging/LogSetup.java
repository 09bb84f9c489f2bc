package io.robustmq.server.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Logback's configuration in code, because parsing it from XML costs a fifth of a second of every start. One line per event
 * on standard output, a stack trace folded into its line. An operator's own {@code -Dlogback.configurationFile} wins.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LogSetup extends ContextAwareBase implements Configurator {
    private static final String STACK_TRACE_IN_ONE_LINE =
            "%replace(%replace( %ex){'[\\r\\n]+\\s*', ' | '}){'[ |]+$', ''}%nopex";
    private static final String PATTERN =
            "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%thread] %logger{0} %msg" + STACK_TRACE_IN_ONE_LINE + "%n";

    /** Libraries that tell what an operator can do nothing about. */
    private static final List<String> CHATTY = List.of(
            "org.apache.kafka",
            "org.apache.ratis",
            "org.apache.ratis.thirdparty.io.grpc",
            "io.netty",
            "io.micrometer",
            "ratis_grpc");

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setName("console");
        console.setEncoder(encoder);
        console.start();
        ch.qos.logback.classic.Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(console);
        for (String name : CHATTY) {
            context.getLogger(name).setLevel(Level.WARN);
        }
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Sets how much is told. At debug and trace the libraries stay at their own level. */
    public static void level(String name) {
        logger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(Level.valueOf(name));
    }

    /** For commands, whose output is for reading and piping: failures are printed by the command itself. */
    public static void silence() {
        logger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(Level.OFF);
        CHATTY.forEach(name -> logger(name).setLevel(Level.OFF));
    }

    private static ch.qos.logback.classic.Logger logger(String name) {
        return (ch.qos.logback.classic.Logger) LoggerFactory.getLogger(name);
    }
}
