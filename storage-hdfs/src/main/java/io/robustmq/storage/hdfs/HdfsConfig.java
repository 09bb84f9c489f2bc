package io.robustmq.storage.hdfs;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where objects are in HDFS.
 *
 * @param uri of the file system, as {@code fs.defaultFS} has it
 * @param root a directory for this cluster alone
 * @param user whose files they are; without one, as Hadoop finds out
 * @param hadoop settings of the client, as {@code hdfs-site.xml} has them
 */
public record HdfsConfig(URI uri, String root, @Nullable String user, Map<String, String> hadoop) {
    private static final String HADOOP_PREFIX = "hadoop.";

    public HdfsConfig {
        if (!root.startsWith("/") || root.endsWith("/")) {
            throw new IllegalArgumentException("root begins with a slash and does not end with one: " + root);
        }
        hadoop = Map.copyOf(hadoop);
    }

    /** Of {@code uri}, {@code root}, {@code user} and {@code hadoop.<any of the client's>}. */
    static HdfsConfig of(Map<String, String> settings) {
        Map<String, String> left = new HashMap<>(settings);
        String uri = required(left.remove("uri"), "uri");
        String root = required(left.remove("root"), "root");
        String user = left.remove("user");
        Map<String, String> hadoop = new HashMap<>();
        left.forEach((key, value) -> {
            if (!key.startsWith(HADOOP_PREFIX)) {
                throw new IllegalArgumentException("hdfs has no setting " + key);
            }
            hadoop.put(key.substring(HADOOP_PREFIX.length()), value);
        });
        return new HdfsConfig(URI.create(uri), root, user, hadoop);
    }

    private static String required(@Nullable String value, String name) {
        if (value == null) {
            throw new IllegalArgumentException("hdfs needs the setting " + name);
        }
        return value;
    }
}
