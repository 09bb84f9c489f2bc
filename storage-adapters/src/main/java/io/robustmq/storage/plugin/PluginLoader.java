package io.robustmq.storage.plugin;

import io.robustmq.core.port.object.ObjectStoreProvider;
import java.io.IOException;
import java.net.URL;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** Finds what opens stores of a kind in a plug-in's jars. */
public final class PluginLoader {
    private PluginLoader() {}

    /** In the jars of the directory; empty if there is no such directory, or none of its jars knows the kind. */
    public static Optional<ObjectStoreProvider> find(String kind, Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        List<URL> jars = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "*.jar")) {
            for (Path jar : entries) {
                jars.add(jar.toUri().toURL());
            }
        }
        return find(kind, jars);
    }

    /** In jars or directories of classes. What is found lives as long as the process. */
    public static Optional<ObjectStoreProvider> find(String kind, List<URL> urls) {
        PluginClassLoader loader = new PluginClassLoader(urls.toArray(URL[]::new), PluginLoader.class.getClassLoader());
        for (ObjectStoreProvider provider : ServiceLoader.load(ObjectStoreProvider.class, loader)) {
            if (provider.kind().equals(kind) && provider.getClass().getClassLoader() == loader) {
                return Optional.of(new PluginProvider(provider, loader));
            }
        }
        return Optional.empty();
    }
}
