package io.robustmq.server.node;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGTERM and SIGINT: the first stops in order and exits with 0, a second one ends the process at once. A shutdown hook can
 * do neither: it exits with 143, and the JVM ignores further signals while it runs. The JDK's signal interface is reached
 * by reflection, because javac warns about it in a way that cannot be switched off.
 */
final class StopSignals {
    private static final Logger log = LoggerFactory.getLogger(StopSignals.class);

    private StopSignals() {}

    /** Ends the process after {@code stop} ran, or after {@code timeoutMs}. */
    static void install(Runnable stop, long timeoutMs) {
        AtomicBoolean stopping = new AtomicBoolean();
        for (String name : List.of("TERM", "INT")) {
            try {
                handle(name, () -> onSignal(name, stopping, stop, timeoutMs));
            } catch (ReflectiveOperationException | IllegalArgumentException e) {
                log.warn("signal={} cannot be handled: the process will end without telling its clients", name, e);
            }
        }
    }

    private static void onSignal(String name, AtomicBoolean stopping, Runnable stop, long timeoutMs) {
        if (!stopping.compareAndSet(false, true)) {
            Runtime.getRuntime().halt(1);
        }
        log.info("signal={} stopping; a second signal ends the process at once", name);
        Thread worker = new Thread(stop, "stop");
        worker.setDaemon(true);
        worker.start();
        Thread exit = new Thread(() -> exitAfter(worker, timeoutMs), "exit");
        // A signal's thread is a daemon and would make this one too; the process would then end with the last event
        // loop.
        exit.setDaemon(false);
        exit.start();
    }

    private static void exitAfter(Thread worker, long timeoutMs) {
        try {
            worker.join(Math.max(1, timeoutMs));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (worker.isAlive()) {
            log.warn("stop.timeout.ms={} is over; ending", timeoutMs);
        }
        Runtime.getRuntime().halt(worker.isAlive() ? 1 : 0);
    }

    private static void handle(String name, Runnable action) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        Object proxy =
                Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (self, method, args) -> {
                    if (method.getName().equals("handle")) {
                        action.run();
                    }
                    return null;
                });
        signal.getMethod("handle", signal, handler)
                .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    }
}
