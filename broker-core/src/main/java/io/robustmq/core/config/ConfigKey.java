package io.robustmq.core.config;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one declaration of a configuration key: type, default, bounds, documentation, and whether it may change while the
 * broker runs. Immutable; the modifiers return a changed copy.
 */
public final class ConfigKey<T> {
    private final String name;
    private final Type type;
    private final @Nullable T defaultValue;
    private final Function<String, T> parser;
    private final long min;
    private final long max;
    private final String doc;
    private final boolean reloadable;

    private ConfigKey(
            String name,
            Type type,
            @Nullable T defaultValue,
            Function<String, T> parser,
            long min,
            long max,
            String doc,
            boolean reloadable) {
        this.name = name;
        this.type = type;
        this.defaultValue = defaultValue;
        this.parser = parser;
        this.min = min;
        this.max = max;
        this.doc = doc;
        this.reloadable = reloadable;
    }

    /** What a value is, as Kafka's DescribeConfigs and the generated documentation name it. */
    public enum Type {
        STRING,
        LIST,
        BOOLEAN,
        INT,
        LONG,
        DOUBLE
    }

    public static ConfigKey<String> string(String name, String defaultValue) {
        return new ConfigKey<>(name, Type.STRING, defaultValue, text -> text, 0, 0, "", false);
    }

    /** One of {@code allowed}. */
    public static ConfigKey<String> oneOf(String name, String defaultValue, String... allowed) {
        return new ConfigKey<>(name, Type.STRING, defaultValue, new OneOf(List.of(allowed)), 0, 0, "", false);
    }

    /** Text that {@code check} accepts; it throws an IllegalArgumentException with the rule for any other. */
    public static ConfigKey<String> checked(String name, String defaultValue, Consumer<String> check) {
        Function<String, String> parser = text -> {
            check.accept(text);
            return text;
        };
        return new ConfigKey<>(name, Type.STRING, defaultValue, parser, 0, 0, "", false);
    }

    /** Comma-separated, blanks around commas ignored. */
    public static ConfigKey<List<String>> list(String name, List<String> defaultValue) {
        return new ConfigKey<>(name, Type.LIST, List.copyOf(defaultValue), ConfigKey::parseList, 0, 0, "", false);
    }

    public static ConfigKey<Boolean> bool(String name, boolean defaultValue) {
        return new ConfigKey<>(name, Type.BOOLEAN, defaultValue, ConfigKey::parseBoolean, 0, 0, "", false);
    }

    public static ConfigKey<Integer> integer(String name, int defaultValue) {
        return new ConfigKey<>(
                name,
                Type.INT,
                defaultValue,
                text -> Math.toIntExact(parseLong(text)),
                Integer.MIN_VALUE,
                Integer.MAX_VALUE,
                "",
                false);
    }

    public static ConfigKey<Long> whole(String name, long defaultValue) {
        return new ConfigKey<>(
                name, Type.LONG, defaultValue, ConfigKey::parseLong, Long.MIN_VALUE, Long.MAX_VALUE, "", false);
    }

    /** A number of bytes; {@code 64KiB}, {@code 1MiB} and {@code 2GiB} are understood. */
    public static ConfigKey<Long> bytes(String name, long defaultValue) {
        return whole(name, defaultValue);
    }

    public static ConfigKey<Double> real(String name, double defaultValue) {
        return new ConfigKey<>(
                name, Type.DOUBLE, defaultValue, Double::parseDouble, Long.MIN_VALUE, Long.MAX_VALUE, "", false);
    }

    public ConfigKey<T> min(long smallest) {
        return new ConfigKey<>(name, type, defaultValue, parser, smallest, max, doc, reloadable);
    }

    public ConfigKey<T> max(long largest) {
        return new ConfigKey<>(name, type, defaultValue, parser, min, largest, doc, reloadable);
    }

    /** Accepts nothing but the default: what the broker does is told, and what it cannot do is refused. */
    public ConfigKey<T> only() {
        return new ConfigKey<>(name, type, defaultValue, new Only<>(parser, defaultText()), min, max, doc, reloadable);
    }

    public ConfigKey<T> doc(String text) {
        return new ConfigKey<>(name, type, defaultValue, parser, min, max, text, reloadable);
    }

    /** The key may change while the broker runs. */
    public ConfigKey<T> reload() {
        return new ConfigKey<>(name, type, defaultValue, parser, min, max, doc, true);
    }

    /** Throws IllegalArgumentException with a sentence that names the key, the value and the rule. */
    public T parse(String text) {
        T value;
        try {
            value = parser.apply(text.trim());
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new IllegalArgumentException(name + "=" + text + ": " + reason(e), e);
        }
        if (value instanceof Double real
                ? !(real >= min && real <= max)
                : value instanceof Number number && (number.longValue() < min || number.longValue() > max)) {
            throw new IllegalArgumentException(name + "=" + text + ": must be from " + min + " to " + max);
        }
        return value;
    }

    public String name() {
        return name;
    }

    public Type type() {
        return type;
    }

    public T defaultValue() {
        if (defaultValue == null) {
            throw new IllegalStateException(name + " has no default");
        }
        return defaultValue;
    }

    /** The default as text that {@link #parse} reads. */
    public String defaultText() {
        return defaultValue instanceof List<?> values
                ? String.join(",", values.stream().map(String::valueOf).toList())
                : String.valueOf(defaultValue);
    }

    public String doc() {
        return doc;
    }

    /** What {@link #parse} accepts, in words for the documentation; empty when the type says it all. */
    public String rule() {
        if (parser instanceof Only<?> only) {
            return "only " + (only.text().isEmpty() ? "empty" : only.text());
        }
        if (parser instanceof OneOf choice) {
            return choice.rule();
        }
        if (type != Type.INT && type != Type.LONG && type != Type.DOUBLE) {
            return "";
        }
        boolean hasMin = min != Long.MIN_VALUE && min != Integer.MIN_VALUE;
        boolean hasMax = max != Long.MAX_VALUE && max != Integer.MAX_VALUE;
        if (hasMin && hasMax) {
            return "from " + min + " to " + max;
        }
        return hasMin ? "at least " + min : hasMax ? "at most " + max : "";
    }

    public boolean reloadable() {
        return reloadable;
    }

    @Override
    public String toString() {
        return name;
    }

    private static String reason(RuntimeException e) {
        return e instanceof NumberFormatException
                ? "not a number"
                : e.getMessage() == null ? "not valid" : e.getMessage();
    }

    private static List<String> parseList(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split("\\s*,\\s*"));
    }

    private static boolean parseBoolean(String text) {
        if (text.equals("true")) {
            return true;
        }
        if (text.equals("false")) {
            return false;
        }
        throw new IllegalArgumentException("must be true or false");
    }

    private static long parseLong(String text) {
        if (text.endsWith("KiB")) {
            return scaled(text, 10);
        }
        if (text.endsWith("MiB")) {
            return scaled(text, 20);
        }
        if (text.endsWith("GiB")) {
            return scaled(text, 30);
        }
        return Long.parseLong(text);
    }

    private static long scaled(String text, int shift) {
        return Math.multiplyExact(
                Long.parseLong(text.substring(0, text.length() - 3).trim()), 1L << shift);
    }

    /** Accepts one value, however it is written. */
    private record Only<T>(Function<String, T> parser, String text) implements Function<String, T> {
        @Override
        public T apply(String given) {
            T value = parser.apply(given);
            if (!value.equals(parser.apply(text))) {
                throw new IllegalArgumentException("must be " + (text.isEmpty() ? "empty" : text));
            }
            return value;
        }
    }

    /** Accepts the listed words only. */
    private record OneOf(List<String> allowed) implements Function<String, String> {
        @Override
        public String apply(String text) {
            if (!allowed.contains(text)) {
                throw new IllegalArgumentException("must be " + rule());
            }
            return text;
        }

        private String rule() {
            return "one of " + String.join(", ", allowed);
        }
    }
}
