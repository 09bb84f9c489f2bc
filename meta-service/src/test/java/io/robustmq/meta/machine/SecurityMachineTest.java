package io.robustmq.meta.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.AlterAcls;
import io.robustmq.core.meta.MetaCommand.AlterUser;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.security.AclBinding;
import io.robustmq.core.security.ResourceType;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.AclAdded;
import io.robustmq.meta.fact.MetaFact.AclRemoved;
import io.robustmq.meta.fact.MetaFact.CredentialChanged;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SecurityMachineTest {
    private static final AclBinding RULE = AclBinding.allowAll(ResourceType.TOPIC, "bob");
    private static final AclBinding OTHER = AclBinding.allowAll(ResourceType.GROUP, "bob");

    private MetaImage image = MetaImage.EMPTY;

    @Test
    void theFirstUserMayDoEverything() {
        assertThat(decide(create("root")).facts())
                .containsExactly(
                        new CredentialChanged("root", ScramMechanism.SHA_256, credential(1)),
                        new AclAdded(AclBinding.allowAll(ResourceType.TOPIC, "root")),
                        new AclAdded(AclBinding.allowAll(ResourceType.GROUP, "root")),
                        new AclAdded(AclBinding.allowAll(ResourceType.CLUSTER, "root")),
                        new AclAdded(AclBinding.allowAll(ResourceType.TRANSACTIONAL_ID, "root")),
                        new AclAdded(AclBinding.allowAll(ResourceType.DELEGATION_TOKEN, "root")),
                        new AclAdded(AclBinding.allowAll(ResourceType.USER, "root")));
    }

    @Test
    void theSecondUserMayDoNothing() {
        apply(create("root"));
        assertThat(decide(create("bob")).facts())
                .containsExactly(new CredentialChanged("bob", ScramMechanism.SHA_256, credential(1)));
    }

    @Test
    void aUserWhoIsOnlyWantedFirstComesTooLate() {
        apply(create("root"));
        AlterUser late = new AlterUser("late", Map.of(ScramMechanism.SHA_256, credential(1)), Set.of(), true);
        assertThat(decide(late)).isEqualTo(done());
    }

    @Test
    void credentialsComeAndGoOneByOneAndTheUserWithTheLast() {
        apply(create("root"));
        apply(create("bob"));
        apply(new AlterUser("bob", Map.of(ScramMechanism.SHA_512, credential(2)), Set.of(), false));
        assertThat(image.security().credentials("bob"))
                .isEqualTo(Map.of(ScramMechanism.SHA_256, credential(1), ScramMechanism.SHA_512, credential(2)));
        apply(remove("bob", ScramMechanism.SHA_256));
        apply(remove("bob", ScramMechanism.SHA_512));
        assertThat(image.security().users()).containsOnlyKeys("root");
        assertThat(refusal(remove("bob", ScramMechanism.SHA_256))).isEqualTo(BrokerError.USER_NOT_FOUND);
    }

    @Test
    void theLastUserStays() {
        apply(create("root"));
        assertThat(refusal(remove("root", ScramMechanism.SHA_256))).isEqualTo(BrokerError.POLICY_VIOLATION);
        AlterUser replaced = new AlterUser(
                "root", Map.of(ScramMechanism.SHA_512, credential(2)), Set.of(ScramMechanism.SHA_256), false);
        assertThat(decide(replaced).facts())
                .containsExactly(
                        new CredentialChanged("root", ScramMechanism.SHA_256, null),
                        new CredentialChanged("root", ScramMechanism.SHA_512, credential(2)));
    }

    @Test
    void aNameHasBounds() {
        assertThat(refusal(create(""))).isEqualTo(BrokerError.INVALID_REQUEST);
        assertThat(refusal(create("x".repeat(256)))).isEqualTo(BrokerError.INVALID_REQUEST);
    }

    @Test
    void rulesAreLoggedOnlyWhenTheyChangeSomething() {
        assertThat(decide(new AlterAcls(Set.of(RULE), Set.of())).facts()).containsExactly(new AclAdded(RULE));
        apply(new AlterAcls(Set.of(RULE), Set.of()));
        assertThat(decide(new AlterAcls(Set.of(RULE), Set.of(OTHER)))).isEqualTo(done());
        assertThat(decide(new AlterAcls(Set.of(OTHER), Set.of(RULE))).facts())
                .containsExactly(new AclRemoved(RULE), new AclAdded(OTHER));
    }

    @Test
    void theImageAndItsDeltaShowWhatChanged() {
        MetaState state = new MetaState(MetaImage.EMPTY);
        state.apply(new AclAdded(RULE));
        assertThat(state.toImage(1, 1).security().acls()).containsExactly(RULE);
        assertThat(state.delta().securityChanged()).isTrue();
        MetaState untouched = new MetaState(image);
        assertThat(untouched.toImage(2, 1).security()).isSameAs(image.security());
        assertThat(untouched.delta().securityChanged()).isFalse();
    }

    private void apply(MetaCommand command) {
        MetaState state = new MetaState(image);
        decide(command).facts().forEach(state::apply);
        image = state.toImage(image.index() + 1, 1);
    }

    private BrokerError refusal(MetaCommand command) {
        return ((MetaReply.Refused) decide(command).effects().get(0)).error();
    }

    private Decision<MetaFact, MetaReply> decide(MetaCommand command) {
        return new MetaMachine(image, new TopicDefaults(1, 1, 1), 1).decide(command, TopicId.ZERO);
    }

    private static Decision<MetaFact, MetaReply> done() {
        return Decision.effect(new MetaReply.Done());
    }

    private static AlterUser create(String name) {
        return new AlterUser(name, Map.of(ScramMechanism.SHA_256, credential(1)), Set.of(), false);
    }

    private static AlterUser remove(String name, ScramMechanism mechanism) {
        return new AlterUser(name, Map.of(), Set.of(mechanism), false);
    }

    private static ScramCredential credential(int mark) {
        byte[] key = {(byte) mark};
        return new ScramCredential(key, key, key, 4096);
    }
}
