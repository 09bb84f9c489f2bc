package io.robustmq.core.ban;

import io.netty.util.NetUtil;
import java.util.Arrays;

/** IP addresses that begin with the same bits: {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or one. Immutable. */
public final class AddressRange {
    private final byte[] first;
    private final int bits;

    private AddressRange(byte[] first, int bits) {
        this.first = first;
        this.bits = bits;
    }

    /** Throws IllegalArgumentException with a sentence for what is no address or range. */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        byte[] address = NetUtil.createByteArrayFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
        String length = slash < 0 ? "" : text.substring(slash + 1);
        if (address == null || (slash >= 0 && !length.matches("[0-9]{1,3}"))) {
            throw new IllegalArgumentException("neither an IP address nor a range like 10.0.0.0/8: " + text);
        }
        int bits = slash < 0 ? address.length * 8 : Integer.parseInt(length);
        if (bits > address.length * 8) {
            throw new IllegalArgumentException("a range of more bits than its address has: " + text);
        }
        return new AddressRange(cut(address, bits), bits);
    }

    /** The range of so many leading bits that an address is in. */
    static String of(byte[] address, int bits) {
        return new AddressRange(cut(address, bits), bits).toString();
    }

    private static byte[] cut(byte[] address, int bits) {
        byte[] cut = Arrays.copyOf(address, address.length);
        for (int i = 0; i < cut.length; i++) {
            int kept = Math.max(0, Math.min(8, bits - i * 8));
            cut[i] &= (byte) (0xFF << (8 - kept));
        }
        return cut;
    }

    int bits() {
        return bits;
    }

    @Override
    public String toString() {
        return NetUtil.bytesToIpAddress(first) + "/" + bits;
    }
}
