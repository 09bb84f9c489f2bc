package io.robustmq.core.security;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The functions of RFC 5802. Stateless. */
public final class Scram {
    private static final byte[] CLIENT_KEY = "Client Key".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SERVER_KEY = "Server Key".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FIRST_BLOCK = {0, 0, 0, 1};

    private Scram() {}

    /** {@code Hi(password, salt, iterations)}. */
    public static byte[] saltedPassword(ScramMechanism mechanism, byte[] password, byte[] salt, int iterations) {
        if (password.length == 0) {
            throw new IllegalArgumentException("a password may not be empty");
        }
        Mac mac = mac(mechanism, password);
        mac.update(salt);
        byte[] last = mac.doFinal(FIRST_BLOCK);
        byte[] result = last.clone();
        for (int i = 1; i < iterations; i++) {
            last = mac.doFinal(last);
            for (int at = 0; at < result.length; at++) {
                result[at] ^= last[at];
            }
        }
        return result;
    }

    public static byte[] clientKey(ScramMechanism mechanism, byte[] saltedPassword) {
        return hmac(mechanism, saltedPassword, CLIENT_KEY);
    }

    public static byte[] serverKey(ScramMechanism mechanism, byte[] saltedPassword) {
        return hmac(mechanism, saltedPassword, SERVER_KEY);
    }

    public static byte[] storedKey(ScramMechanism mechanism, byte[] clientKey) {
        try {
            return MessageDigest.getInstance(mechanism.hash()).digest(clientKey);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has " + mechanism.hash(), e);
        }
    }

    public static byte[] hmac(ScramMechanism mechanism, byte[] key, byte[] text) {
        return mac(mechanism, key).doFinal(text);
    }

    public static byte[] xor(byte[] left, byte[] right) {
        byte[] result = left.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] ^= right[i];
        }
        return result;
    }

    /** In a time that does not tell where they differ. */
    public static boolean isSame(byte[] left, byte[] right) {
        return MessageDigest.isEqual(left, right);
    }

    private static Mac mac(ScramMechanism mechanism, byte[] key) {
        try {
            Mac mac = Mac.getInstance(mechanism.mac());
            mac.init(new SecretKeySpec(key, mechanism.mac()));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has " + mechanism.mac(), e);
        }
    }
}
