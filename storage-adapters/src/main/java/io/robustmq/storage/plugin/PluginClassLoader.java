package io.robustmq.storage.plugin;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks into the plug-in first, so that its libraries and the server's do not mix; but what both speak by, the ports and the
 * log, is the server's.
 */
final class PluginClassLoader extends URLClassLoader {
    private static final List<String> SHARED =
            List.of("java.", "io.robustmq.core.", "io.robustmq.storage.object.", "org.slf4j.", "org.jspecify.");

    static {
        registerAsParallelCapable();
    }

    PluginClassLoader(URL[] urls, ClassLoader server) {
        super(urls, server);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (SHARED.stream().anyMatch(name::startsWith)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> found = findLoadedClass(name);
            if (found == null) {
                found = findHereOrAbove(name);
            }
            if (resolve) {
                resolveClass(found);
            }
            return found;
        }
    }

    @Override
    public @Nullable URL getResource(String name) {
        URL here = findResource(name);
        return here != null ? here : super.getResource(name);
    }

    /** Of services, the plug-in's own alone: those of the server's libraries are not its classes. */
    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        return name.startsWith("META-INF/services/") ? findResources(name) : super.getResources(name);
    }

    private Class<?> findHereOrAbove(String name) throws ClassNotFoundException {
        try {
            return findClass(name);
        } catch (ClassNotFoundException e) {
            return super.loadClass(name, false);
        }
    }
}
