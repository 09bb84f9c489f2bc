package io.robustmq.core.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.model.Principal;
import io.robustmq.core.security.AclBinding.Pattern;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class AclIndexPropertyTest {
    @Property(tries = 2000)
    void theIndexAnswersAsAllRulesReadOneByOne(
            @ForAll("bindings") List<AclBinding> bindings, @ForAll("names") String name, @ForAll Operation operation) {
        Principal who = Principal.user("bob", "h1");
        if (operation != Operation.ALL) {
            assertThat(new AclIndex(bindings).allows(who, operation, ResourceType.TOPIC, name))
                    .isEqualTo(naive(bindings, operation, name));
        }
    }

    private static boolean naive(List<AclBinding> bindings, Operation operation, String name) {
        List<AclBinding> about = bindings.stream()
                .filter(b -> List.of("User:bob", "User:*").contains(b.principal()))
                .filter(b -> List.of("h1", "*").contains(b.host()))
                .filter(b -> b.pattern() == Pattern.PREFIXED
                        ? name.startsWith(b.name())
                        : b.name().equals(name) || b.name().equals("*"))
                .toList();
        boolean denied = about.stream()
                .anyMatch(b -> !b.allow() && (b.operation() == operation || b.operation() == Operation.ALL));
        boolean allowed = about.stream().anyMatch(b -> b.allow() && brings(b.operation(), operation));
        return allowed && !denied;
    }

    private static boolean brings(Operation given, Operation asked) {
        boolean describes = List.of(Operation.READ, Operation.WRITE, Operation.DELETE, Operation.ALTER)
                .contains(given);
        return given == asked
                || given == Operation.ALL
                || (asked == Operation.DESCRIBE && describes)
                || (asked == Operation.DESCRIBE_CONFIGS && given == Operation.ALTER_CONFIGS);
    }

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.strings().withChars('a', 'b', '-').ofMinLength(1).ofMaxLength(5);
    }

    @Provide
    Arbitrary<List<AclBinding>> bindings() {
        Arbitrary<String> named = Arbitraries.oneOf(names(), Arbitraries.just("*"));
        return Combinators.combine(
                        Arbitraries.of(Pattern.class),
                        named,
                        Arbitraries.of("User:bob", "User:eve", "User:*"),
                        Arbitraries.of("*", "h1", "h2"),
                        Arbitraries.of(Operation.class),
                        Arbitraries.of(true, true, false))
                .as((pattern, name, who, host, operation, allow) ->
                        new AclBinding(ResourceType.TOPIC, pattern, name, who, host, operation, allow))
                .list()
                .ofMaxSize(25);
    }
}
