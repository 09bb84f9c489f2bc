package io.robustmq.core.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.robustmq.core.model.Principal;
import io.robustmq.core.security.AclBinding.Pattern;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AclAuthorizerTest {
    private static final Principal BOB = Principal.user("bob", "10.0.0.1");
    private static final Principal EVE = Principal.user("eve", "10.0.0.2");
    private static final ScramCredential SECRET =
            ScramCredential.ofSalted(ScramMechanism.SHA_256, new byte[] {1}, new byte[] {2}, 4096);

    private final List<String> refusals = new ArrayList<>();
    private SecurityImage image = SecurityImage.EMPTY;
    private final AclAuthorizer authorizer =
            new AclAuthorizer(() -> image, false, Set.of("User:root"), new SecurityEvents() {
                @Override
                public void denied(Principal principal, Operation operation, ResourceType type, String name) {
                    refusals.add(principal + " " + operation + " " + type + " " + name);
                }

                @Override
                public void loginFailed(
                        String protocol, String address, String mechanism, String user, String reason) {}
            });

    @Test
    void withoutUsersEverybodyMayDoEverything() {
        assertThat(authorizer.isEnforced()).isFalse();
        assertThat(authorizer.allows(Principal.ANONYMOUS, Operation.ALTER, ResourceType.CLUSTER, "kafka-cluster"))
                .isTrue();
        rules();
        assertThat(authorizer.isEnforced()).isTrue();
        assertThat(topic(Principal.ANONYMOUS, Operation.READ, "t")).isFalse();
        assertThat(topic(BOB, Operation.READ, "t")).isFalse();
        assertThat(refusals).containsExactly("User:ANONYMOUS READ TOPIC t", "User:bob READ TOPIC t");
    }

    @Test
    void whoHasNotLoggedInIsNotEverybody() {
        rules(allow("*", Pattern.LITERAL, "t", Operation.READ));
        assertThat(topic(EVE, Operation.READ, "t")).isTrue();
        assertThat(topic(Principal.ANONYMOUS, Operation.READ, "t")).isFalse();
    }

    @Test
    void aSuperUserMayDoEverythingWhateverTheRulesSay() {
        rules(deny("root", Pattern.LITERAL, "t", Operation.ALL));
        assertThat(topic(Principal.user("root", ""), Operation.DELETE, "t")).isTrue();
        assertThat(topic(Principal.user("roo", ""), Operation.DELETE, "t")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "READ, READ DESCRIBE",
        "WRITE, WRITE DESCRIBE",
        "DELETE, DELETE DESCRIBE",
        "ALTER, ALTER DESCRIBE",
        "ALTER_CONFIGS, ALTER_CONFIGS DESCRIBE_CONFIGS",
        "DESCRIBE, DESCRIBE",
        "DESCRIBE_CONFIGS, DESCRIBE_CONFIGS",
        "CREATE, CREATE",
        "CLUSTER_ACTION, CLUSTER_ACTION",
        "IDEMPOTENT_WRITE, IDEMPOTENT_WRITE"
    })
    void anAllowedOperationBringsTheOnesItImpliesAndNoOther(Operation given, String expected) {
        rules(allow("bob", Pattern.LITERAL, "t", given));
        assertThat(allowed(BOB, "t"))
                .isEqualTo(
                        Stream.of(expected.split(" ")).map(Operation::valueOf).collect(Collectors.toSet()));
        assertThat(allowed(BOB, "u")).isEmpty();
        assertThat(allowed(EVE, "t")).isEmpty();
    }

    @Test
    void allIsEveryOperation() {
        rules(allow("bob", Pattern.LITERAL, "t", Operation.ALL));
        assertThat(allowed(BOB, "t")).isEqualTo(asked());
    }

    @Test
    void aDenialWinsWhereverItStands() {
        for (AclBinding denial : List.of(
                deny("bob", Pattern.LITERAL, "orders", Operation.WRITE),
                deny("bob", Pattern.LITERAL, "*", Operation.WRITE),
                deny("bob", Pattern.PREFIXED, "ord", Operation.WRITE),
                deny("*", Pattern.LITERAL, "orders", Operation.ALL),
                deny("*", Pattern.PREFIXED, "o", Operation.WRITE))) {
            rules(allow("bob", Pattern.LITERAL, "orders", Operation.ALL), denial);
            assertThat(topic(BOB, Operation.WRITE, "orders")).as("%s", denial).isFalse();
        }
        assertThat(topic(BOB, Operation.READ, "orders")).isTrue();
    }

    @Test
    void aDeniedReadStillLetsAWriterDescribe() {
        rules(allow("bob", Pattern.LITERAL, "t", Operation.WRITE), deny("bob", Pattern.LITERAL, "t", Operation.READ));
        assertThat(allowed(BOB, "t")).isEqualTo(EnumSet.of(Operation.WRITE, Operation.DESCRIBE));
    }

    @Test
    void prefixesOfPrefixesAreAllSeen() {
        rules(
                allow("bob", Pattern.PREFIXED, "a", Operation.DESCRIBE),
                allow("bob", Pattern.PREFIXED, "app-", Operation.READ),
                allow("bob", Pattern.PREFIXED, "app-b", Operation.WRITE),
                allow("bob", Pattern.PREFIXED, "app-bz", Operation.DELETE),
                allow("bob", Pattern.PREFIXED, "az", Operation.ALTER));
        assertThat(allowed(BOB, "app-bx")).isEqualTo(EnumSet.of(Operation.DESCRIBE, Operation.READ, Operation.WRITE));
        assertThat(allowed(BOB, "app-z")).isEqualTo(EnumSet.of(Operation.DESCRIBE, Operation.READ));
        assertThat(allowed(BOB, "az")).isEqualTo(EnumSet.of(Operation.DESCRIBE, Operation.ALTER));
        assertThat(allowed(BOB, "b")).isEmpty();
        assertThat(allowed(BOB, "")).isEmpty();
    }

    @Test
    void aHostNarrowsARule() {
        rules(
                new AclBinding(ResourceType.TOPIC, Pattern.LITERAL, "t", "User:*", "10.0.0.1", Operation.READ, true),
                new AclBinding(ResourceType.TOPIC, Pattern.LITERAL, "u", "User:*", "10.0.0.1", Operation.READ, false),
                allow("*", Pattern.LITERAL, "u", Operation.READ));
        assertThat(topic(BOB, Operation.READ, "t")).isTrue();
        assertThat(topic(EVE, Operation.READ, "t")).isFalse();
        assertThat(topic(BOB, Operation.READ, "u")).isFalse();
        assertThat(topic(EVE, Operation.READ, "u")).isTrue();
    }

    @Test
    void aRuleIsAboutItsTypeOfResourceOnly() {
        rules(AclBinding.allowAll(ResourceType.GROUP, "bob"));
        assertThat(authorizer.allows(BOB, Operation.READ, ResourceType.GROUP, "g"))
                .isTrue();
        assertThat(topic(BOB, Operation.READ, "g")).isFalse();
        assertThat(authorizer.allows(BOB, Operation.DESCRIBE, ResourceType.CLUSTER, Authorizer.CLUSTER))
                .isFalse();
    }

    @Test
    void whatIsOnlyLeftOutIsNoRefusal() {
        rules();
        assertThat(authorizer.wouldAllow(BOB, Operation.READ, ResourceType.TOPIC, "t"))
                .isFalse();
        assertThat(authorizer.allowsMessage(BOB, Operation.READ, "t", "t/x", "c"))
                .isFalse();
        assertThat(refusals).isEmpty();
    }

    @Test
    void aLogTopicOpensTheMqttTopicsOfItsTree() {
        rules(allow("bob", Pattern.LITERAL, "fleet", Operation.READ));
        assertThat(authorizer.allowsMessage(BOB, Operation.READ, "fleet", "fleet/d1/cmd", "d1"))
                .isTrue();
        assertThat(authorizer.allowsFilter(BOB, "fleet", "fleet/#", "d1")).isTrue();
        assertThat(authorizer.allowsFilter(BOB, "", "#", "d1")).isTrue();
        assertThat(authorizer.allowsFilter(BOB, "other", "other/#", "d1")).isFalse();
        assertThat(authorizer.allowsFilter(EVE, "", "#", "d1")).isFalse();
    }

    @Test
    void anMqttFilterOpensOrClosesWhatItMatches() {
        rules(
                allow("*", Pattern.LITERAL, "fleet/%c/#", Operation.WRITE),
                allow("bob", Pattern.LITERAL, "home/%u/+", Operation.READ),
                deny("*", Pattern.LITERAL, "fleet/+/secret", Operation.WRITE));
        assertThat(publishes("fleet/d1/temp", "d1")).isTrue();
        assertThat(publishes("fleet/d1", "d1")).isTrue();
        assertThat(publishes("fleet/d2/temp", "d1")).isFalse();
        assertThat(publishes("fleet/d1/secret", "d1")).isFalse();
        assertThat(publishes("fleet/+/temp", "+"))
                .as("a client id that is a wildcard")
                .isFalse();
        assertThat(authorizer.allowsFilter(BOB, "home", "home/bob/x", "d1")).isTrue();
        assertThat(authorizer.allowsFilter(BOB, "home", "home/#", "d1")).isTrue();
        assertThat(authorizer.allowsFilter(BOB, "home", "home/eve/#", "d1")).isFalse();
        assertThat(authorizer.allowsMessage(BOB, Operation.READ, "home", "home/eve/x", "d1"))
                .isFalse();
        assertThat(authorizer.allowsFilter(EVE, "home", "home/#", "d1"))
                .as("home/eve/+ is bob's rule")
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "a/b, a/b, true, true",
        "a/+, a/b, true, true",
        "a/#, a, true, true",
        "a/#, a/b/c, true, true",
        "a/b, a/+, false, true",
        "a/b, a/#, false, true",
        "a/b/c, a/#, false, true",
        "a/b, a/c, false, false",
        "a/b, a/b/c, false, false",
        "+/b, a/+, false, true",
        "#, +/+, true, true",
        "a/+/c, a/b/#, false, true",
        "a, a/b/#, false, false"
    })
    void filtersCoverAndOverlap(String filter, String other, boolean covers, boolean overlaps) {
        assertThat(MqttFilters.covers(filter, other)).isEqualTo(covers);
        assertThat(MqttFilters.overlaps(filter, other)).isEqualTo(overlaps);
        assertThat(MqttFilters.overlaps(other, filter)).isEqualTo(overlaps);
    }

    @Test
    void aRuleThatCouldNeverHoldIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> allow("bob", Pattern.PREFIXED, "a/b", Operation.READ));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new AclBinding(ResourceType.TOPIC, Pattern.LITERAL, "t", "Group:g", "*", Operation.READ, true));
    }

    private boolean publishes(String topic, String clientId) {
        return authorizer.allowsMessage(EVE, Operation.WRITE, "fleet", topic, clientId);
    }

    private boolean topic(Principal who, Operation operation, String name) {
        return authorizer.allows(who, operation, ResourceType.TOPIC, name);
    }

    private Set<Operation> allowed(Principal who, String name) {
        return asked().stream().filter(operation -> topic(who, operation, name)).collect(Collectors.toSet());
    }

    private static Set<Operation> asked() {
        return EnumSet.complementOf(EnumSet.of(Operation.ALL));
    }

    private void rules(AclBinding... bindings) {
        image = new SecurityImage(Map.of("bob", Map.of(ScramMechanism.SHA_256, SECRET)), Set.of(bindings));
    }

    private static AclBinding allow(String user, Pattern pattern, String name, Operation operation) {
        return new AclBinding(ResourceType.TOPIC, pattern, name, "User:" + user, "*", operation, true);
    }

    private static AclBinding deny(String user, Pattern pattern, String name, Operation operation) {
        return new AclBinding(ResourceType.TOPIC, pattern, name, "User:" + user, "*", operation, false);
    }
}
