package io.robustmq.server.link;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;

/**
 * What a node says first: random bytes that the other one proves with that it knows the secret, and the versions that it speaks, which
 * the proof is about too. The frame itself is of the oldest of these. Immutable.
 */
final class LinkChallenge {
    private final byte[] bytes;
    private final LinkVersions versions;

    private LinkChallenge(byte[] bytes, LinkVersions versions) {
        this.bytes = bytes;
        this.versions = versions;
    }

    static LinkChallenge of(byte[] random, LinkVersions versions) {
        byte[] bytes = new byte[LinkSecret.CHALLENGE_BYTES + LinkVersions.BYTES];
        System.arraycopy(random, 0, bytes, 0, LinkSecret.CHALLENGE_BYTES);
        bytes[LinkSecret.CHALLENGE_BYTES] = (byte) versions.oldest();
        bytes[LinkSecret.CHALLENGE_BYTES + 1] = (byte) versions.newest();
        return new LinkChallenge(bytes, versions);
    }

    /** Borrows {@code frame}, from its version on. Who names no versions speaks that of the frame. */
    static LinkChallenge read(ByteBuf frame) throws IOException {
        int version = frame.readByte();
        int kind = frame.readByte();
        frame.readLong();
        if (kind != LinkFrame.CHALLENGE || frame.readableBytes() < LinkSecret.CHALLENGE_BYTES || version < 1) {
            throw new IOException("no challenge, but a frame of kind " + kind + " and version " + version);
        }
        byte[] bytes = ByteBufUtil.getBytes(frame);
        int at = LinkSecret.CHALLENGE_BYTES;
        boolean namesVersions = bytes.length >= at + LinkVersions.BYTES && bytes[at] >= 1 && bytes[at + 1] >= bytes[at];
        return new LinkChallenge(
                bytes, namesVersions ? new LinkVersions(bytes[at], bytes[at + 1]) : new LinkVersions(version, version));
    }

    ByteBuf frame() {
        return LinkFrame.head(versions.oldest(), LinkFrame.CHALLENGE, 0, bytes.length)
                .writeBytes(bytes);
    }

    /** What the proof is about. */
    byte[] bytes() {
        return bytes;
    }

    /** That the node speaks. */
    LinkVersions versions() {
        return versions;
    }
}
