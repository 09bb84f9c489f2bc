package io.robustmq.core.security;

import java.util.Arrays;
import java.util.Base64;

/**
 * What the broker keeps instead of a password: enough to check one, not enough to log in with. Immutable; the arrays are
 * copied in and never handed out to be changed.
 */
@SuppressWarnings("ArrayRecordComponent") // compared below
public record ScramCredential(byte[] salt, byte[] storedKey, byte[] serverKey, int iterations) {
    public ScramCredential {
        if (salt.length == 0
                || iterations < ScramMechanism.ITERATIONS_MIN
                || iterations > ScramMechanism.ITERATIONS_MAX) {
            throw new IllegalArgumentException("a credential needs a salt, and iterations from "
                    + ScramMechanism.ITERATIONS_MIN + " to " + ScramMechanism.ITERATIONS_MAX);
        }
        salt = salt.clone();
        storedKey = storedKey.clone();
        serverKey = serverKey.clone();
    }

    /** Of a client that salted its password itself. */
    public static ScramCredential ofSalted(
            ScramMechanism mechanism, byte[] salt, byte[] saltedPassword, int iterations) {
        return new ScramCredential(
                salt,
                Scram.storedKey(mechanism, Scram.clientKey(mechanism, saltedPassword)),
                Scram.serverKey(mechanism, saltedPassword),
                iterations);
    }

    /** Takes as long as trying a password does. */
    public static ScramCredential of(ScramMechanism mechanism, byte[] password, byte[] salt, int iterations) {
        return ofSalted(mechanism, salt, Scram.saltedPassword(mechanism, password, salt, iterations), iterations);
    }

    /** As an operator configures it: {@code iterations:salt:storedKey:serverKey}, in base 64. */
    public static ScramCredential parse(ScramMechanism mechanism, String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 4) {
            throw new IllegalArgumentException("a credential is written iterations:salt:storedKey:serverKey");
        }
        Base64.Decoder decoder = Base64.getDecoder();
        byte[] storedKey = decoder.decode(parts[2]);
        byte[] serverKey = decoder.decode(parts[3]);
        if (storedKey.length != mechanism.keyBytes() || serverKey.length != mechanism.keyBytes()) {
            throw new IllegalArgumentException("a key is not of " + mechanism.saslName());
        }
        return new ScramCredential(decoder.decode(parts[1]), storedKey, serverKey, Integer.parseInt(parts[0]));
    }

    public String toText() {
        Base64.Encoder encoder = Base64.getEncoder();
        return iterations + ":" + encoder.encodeToString(salt) + ":" + encoder.encodeToString(storedKey) + ":"
                + encoder.encodeToString(serverKey);
    }

    /** Takes some milliseconds. */
    public boolean accepts(ScramMechanism mechanism, byte[] password) {
        byte[] salted = Scram.saltedPassword(mechanism, password, salt, iterations);
        return Scram.isSame(storedKey, Scram.storedKey(mechanism, Scram.clientKey(mechanism, salted)));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ScramCredential that
                && iterations == that.iterations
                && Arrays.equals(salt, that.salt)
                && Scram.isSame(storedKey, that.storedKey)
                && Scram.isSame(serverKey, that.serverKey);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(salt);
    }

    /** No keys: this may end in a log. */
    @Override
    public String toString() {
        return "ScramCredential[iterations=" + iterations + "]";
    }
}
