package io.robustmq.server.store;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import io.robustmq.storage.s3.S3Config;
import io.robustmq.storage.s3.S3Config.S3Checksum;
import io.robustmq.storage.s3.S3Config.S3Encryption;
import io.robustmq.storage.s3.S3Config.S3Endpoint;
import io.robustmq.storage.s3.S3Config.S3Timeouts;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the object store is: the keys of each kind of store. */
public final class ObjectStoreKeys {
    public static final ConfigKey<String> DIRECTORY_PATH = ConfigKey.string("remote.storage.directory.path", "")
            .doc("With remote.storage.store=directory: a local directory, or one that all nodes share (NFS).");
    public static final ConfigKey<String> S3_BUCKET =
            ConfigKey.string("remote.storage.s3.bucket", "").doc("With remote.storage.store=s3: the bucket.");
    public static final ConfigKey<String> S3_PREFIX =
            ConfigKey.string("remote.storage.s3.prefix", "").doc("What all keys in the bucket begin with.");
    public static final ConfigKey<String> S3_REGION = ConfigKey.string("remote.storage.s3.region", "us-east-1")
            .doc("Amazon's region, or what another store calls so.");
    public static final ConfigKey<String> S3_ENDPOINT = ConfigKey.string("remote.storage.s3.endpoint", "")
            .doc("URI of a store that is not Amazon's; empty: Amazon's in the region.");
    public static final ConfigKey<Boolean> S3_PATH_STYLE = ConfigKey.bool("remote.storage.s3.path.style", true)
            .doc("With an endpoint: whether the bucket is in the path and not in the host's name.");
    public static final ConfigKey<Boolean> S3_BULK_DELETE = ConfigKey.bool("remote.storage.s3.bulk.delete", true)
            .doc("With an endpoint: whether one request may delete many objects.");
    public static final ConfigKey<String> S3_ENCRYPTION = ConfigKey.string("remote.storage.s3.encryption", "")
            .doc("Passed on as x-amz-server-side-encryption: AES256, aws:kms; empty: as the bucket says.");
    public static final ConfigKey<String> S3_KMS_KEY = ConfigKey.string("remote.storage.s3.kms.key", "")
            .doc("The id of the key, with remote.storage.s3.encryption=aws:kms.");
    public static final ConfigKey<String> S3_CHECKSUM = ConfigKey.oneOf(
                    "remote.storage.s3.checksum", "crc32c", "crc32c", "md5", "none")
            .doc("What the store checks received content by; md5 for stores that know nothing newer.");
    public static final ConfigKey<Integer> S3_PART_BYTES = ConfigKey.integer(
                    "remote.storage.s3.part.bytes", S3Config.PART_BYTES_DEFAULT)
            .min(5 << 20)
            .max(1 << 30)
            .doc("Memory of each upload, and size of its parts.");
    public static final ConfigKey<String> HDFS_PLUGIN = ConfigKey.string("remote.storage.hdfs.plugin.dir", "lib/hdfs")
            .doc("With remote.storage.store=hdfs: the directory with the plug-in's jars.");
    public static final ConfigKey<List<String>> HDFS_SETTINGS = ConfigKey.list(
                    "remote.storage.hdfs.settings", List.of())
            .doc("The plug-in's settings, as key=value: uri, root, user, hadoop.<key>.");

    private ObjectStoreKeys() {}

    public static List<ConfigKey<?>> keys() {
        return List.of(
                DIRECTORY_PATH,
                S3_BUCKET,
                S3_PREFIX,
                S3_REGION,
                S3_ENDPOINT,
                S3_PATH_STYLE,
                S3_BULK_DELETE,
                S3_ENCRYPTION,
                S3_KMS_KEY,
                S3_CHECKSUM,
                S3_PART_BYTES,
                HDFS_PLUGIN,
                HDFS_SETTINGS);
    }

    /** IllegalArgumentException for what contradicts itself. */
    static S3Config s3(Configuration values) {
        String uri = values.get(S3_ENDPOINT);
        S3Endpoint endpoint = uri.isEmpty()
                ? S3Endpoint.amazon(values.get(S3_REGION))
                : new S3Endpoint(
                        values.get(S3_REGION), URI.create(uri), values.get(S3_PATH_STYLE), values.get(S3_BULK_DELETE));
        S3Checksum checksum =
                switch (values.get(S3_CHECKSUM)) {
                    case "md5" -> S3Checksum.MD5;
                    case "none" -> S3Checksum.NONE;
                    default -> S3Checksum.CRC32C;
                };
        return new S3Config(
                values.get(S3_BUCKET),
                values.get(S3_PREFIX),
                endpoint,
                new S3Encryption(orNull(values.get(S3_ENCRYPTION)), orNull(values.get(S3_KMS_KEY))),
                checksum,
                values.get(S3_PART_BYTES),
                S3Timeouts.DEFAULT);
    }

    static Map<String, String> hdfs(Configuration values) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (String each : values.get(HDFS_SETTINGS)) {
            int equals = each.indexOf('=');
            if (equals <= 0) {
                throw new IllegalArgumentException(HDFS_SETTINGS.name() + ": " + each + " is not key=value");
            }
            settings.put(each.substring(0, equals), each.substring(equals + 1));
        }
        return settings;
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
