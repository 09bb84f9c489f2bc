package io.robustmq.core.port.object;

/**
 * What an object may be called: parts of 1 to 255 characters, joined by {@code /}, 600 in all. Characters are ASCII letters,
 * digits, space and {@code !#$%&'()+,-.=@_~}; a part is not {@code .} or {@code ..}. All stores take that as it is, and
 * order it alike.
 */
public final class ObjectNames {
    private static final int NAME_CHARS_MAX = 600;
    private static final int PART_CHARS_MAX = 255;
    private static final String SIGNS = " !#$%&'()+,-.=@_~";

    private ObjectNames() {}

    /** The name itself; an IllegalArgumentException for what is none. */
    public static String checked(String name) {
        if (name.length() > NAME_CHARS_MAX) {
            throw new IllegalArgumentException("too long for the name of an object: " + name);
        }
        int start = 0;
        for (int i = 0; i <= name.length(); i++) {
            if (i == name.length() || name.charAt(i) == '/') {
                checkPart(name, start, i);
                start = i + 1;
            } else if (!isLegal(name.charAt(i))) {
                throw new IllegalArgumentException("not a name for an object: " + name);
            }
        }
        return name;
    }

    private static void checkPart(String name, int start, int end) {
        int length = end - start;
        boolean onlyDots =
                length <= 2 && name.substring(start, end).replace(".", "").isEmpty();
        if (length == 0 || length > PART_CHARS_MAX || onlyDots) {
            throw new IllegalArgumentException("not a name for an object: " + name);
        }
    }

    private static boolean isLegal(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || SIGNS.indexOf(c) >= 0;
    }
}
