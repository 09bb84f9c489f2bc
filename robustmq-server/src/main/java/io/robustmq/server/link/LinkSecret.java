package io.robustmq.server.link;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What the nodes of a cluster know and others do not; empty when everybody who reaches the port is a node. Immutable. */
public final class LinkSecret {
    static final int CHALLENGE_BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";

    private final byte[] key;

    public LinkSecret(String text) {
        this.key = text.getBytes(StandardCharsets.UTF_8);
    }

    boolean isEmpty() {
        return key.length == 0;
    }

    /** What proves that who says this knows the secret; empty without one. */
    byte[] proof(byte[] challenge, String clusterId, int nodeId) {
        if (key.length == 0) {
            return key;
        }
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            mac.update(challenge);
            mac.update(ByteBuffer.allocate(4).putInt(nodeId).array());
            return mac.doFinal(clusterId.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no " + ALGORITHM, e);
        }
    }

    boolean accepts(byte[] proof, byte[] challenge, String clusterId, int nodeId) {
        return MessageDigest.isEqual(proof, proof(challenge, clusterId, nodeId));
    }
}
