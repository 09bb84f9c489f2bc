package io.robustmq.core.login;

/** How an exchange goes on. */
public sealed interface SaslStep {
    /** The client has to answer this. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Challenge(byte[] token) implements SaslStep {}

    /** The client proved who it is; {@code token} proves that we are who it thinks, and may be empty. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Done(byte[] token, Login login) implements SaslStep {}

    /**
     * It did not.
     *
     * @param user whom it said to be, or empty
     * @param reason for the auditor, not for the client
     */
    record Failed(String user, String reason) implements SaslStep {}
}
