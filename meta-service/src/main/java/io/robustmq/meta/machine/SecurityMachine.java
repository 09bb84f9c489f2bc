package io.robustmq.meta.machine;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaCommand.AlterAcls;
import io.robustmq.core.meta.MetaCommand.AlterUser;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.security.AclBinding;
import io.robustmq.core.security.ResourceType;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import io.robustmq.core.security.SecurityImage;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.AclAdded;
import io.robustmq.meta.fact.MetaFact.AclRemoved;
import io.robustmq.meta.fact.MetaFact.CredentialChanged;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Users and what they may do. Owned by the meta thread. */
final class SecurityMachine {
    /** Every node keeps all users in memory and looks into them at each login. */
    static final int USERS_MAX = 100_000;

    /** Every node makes an index of all rules anew when one changes. */
    static final int ACLS_MAX = 20_000;

    static final int NAME_CHARS_MAX = 255;

    private final MetaState state;

    SecurityMachine(MetaState state) {
        this.state = state;
    }

    Decision<MetaFact, MetaReply> alter(AlterUser command) {
        SecurityImage security = state.security();
        if (command.onlyIfFirst() && !security.users().isEmpty()) {
            return Answers.done(List.of(), false);
        }
        if (command.name().isEmpty() || command.name().length() > NAME_CHARS_MAX) {
            return Answers.refuse(
                    BrokerError.INVALID_REQUEST, "a user's name has from 1 to " + NAME_CHARS_MAX + " characters");
        }
        Map<ScramMechanism, ScramCredential> present = security.credentials(command.name());
        List<MetaFact> facts = new ArrayList<>();
        for (ScramMechanism mechanism : ScramMechanism.values()) {
            ScramCredential credential = command.credentials().get(mechanism);
            if (credential != null) {
                facts.add(new CredentialChanged(command.name(), mechanism, credential));
            } else if (command.removed().contains(mechanism)) {
                if (!present.containsKey(mechanism)) {
                    return Answers.refuse(
                            BrokerError.USER_NOT_FOUND,
                            "user " + command.name() + " has no credential of " + mechanism.saslName());
                }
                facts.add(new CredentialChanged(command.name(), mechanism, null));
            }
        }
        boolean isNew = present.isEmpty() && !command.credentials().isEmpty();
        if (isNew && security.users().size() >= USERS_MAX) {
            return Answers.refuse(BrokerError.POLICY_VIOLATION, USERS_MAX + " users exist already");
        }
        boolean leaves = command.credentials().isEmpty() && command.removed().containsAll(present.keySet());
        if (!present.isEmpty() && leaves && security.users().size() == 1) {
            return Answers.refuse(
                    BrokerError.POLICY_VIOLATION, "without its last user the cluster would be open to everybody");
        }
        if (isNew && security.users().isEmpty() && security.acls().isEmpty()) {
            for (ResourceType type : ResourceType.values()) {
                facts.add(new AclAdded(AclBinding.allowAll(type, command.name())));
            }
        }
        return Answers.done(facts, false);
    }

    Decision<MetaFact, MetaReply> alter(AlterAcls command) {
        SecurityImage security = state.security();
        List<MetaFact> facts = new ArrayList<>();
        for (AclBinding binding : command.removed()) {
            if (security.acls().contains(binding)) {
                facts.add(new AclRemoved(binding));
            }
        }
        int removed = facts.size();
        for (AclBinding binding : command.added()) {
            if (!security.acls().contains(binding) || command.removed().contains(binding)) {
                facts.add(new AclAdded(binding));
            }
        }
        if (security.acls().size() - 2L * removed + facts.size() > ACLS_MAX && facts.size() > removed) {
            return Answers.refuse(BrokerError.POLICY_VIOLATION, ACLS_MAX + " rules exist already");
        }
        return Answers.done(facts, false);
    }
}
