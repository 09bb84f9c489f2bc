package io.robustmq.kafka.handler;

import io.robustmq.core.security.Operation;
import io.robustmq.kafka.Features;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKey;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.message.UpdateFeaturesResponseData.UpdatableFeatureResult;
import org.apache.kafka.common.protocol.Errors;

/** Levels of features follow from the code (see {@link Features}): the level in force can be asked for, no other. */
public final class UpdateFeaturesHandler implements ApiHandler {
    private static final short RESULT_LESS = 2;
    private static final byte UPGRADE = 1;
    private static final byte UNSAFE_DOWNGRADE = 3;

    private final Access access;

    public UpdateFeaturesHandler(KafkaContext context) {
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        UpdateFeaturesRequestData body = request.body(UpdateFeaturesRequestData.class);
        UpdateFeaturesResponseData response = new UpdateFeaturesResponseData().setErrorMessage(null);
        if (!access.cluster(request.principal(), Operation.ALTER)) {
            Errors error = Errors.CLUSTER_AUTHORIZATION_FAILED;
            request.respond(response.setErrorCode(error.code()).setErrorMessage(error.message()));
            return;
        }
        for (FeatureUpdateKey update : body.featureUpdates()) {
            Errors error = outcome(update);
            if (error != Errors.NONE) {
                // One that cannot be refuses them all, whatever the version.
                response.results().clear();
                response.setErrorCode(error.code())
                        .setErrorMessage(
                                "Feature " + update.feature() + " cannot be set to " + update.maxVersionLevel() + ".");
                break;
            }
            if (request.version() < RESULT_LESS) {
                response.results()
                        .add(new UpdatableFeatureResult()
                                .setFeature(update.feature())
                                .setErrorMessage(null));
            }
        }
        request.respond(response);
    }

    private static Errors outcome(FeatureUpdateKey update) {
        if (update.upgradeType() < UPGRADE || update.upgradeType() > UNSAFE_DOWNGRADE) {
            return Errors.INVALID_UPDATE_VERSION;
        }
        boolean inForce = Features.find(update.feature())
                .filter(feature -> feature.level() == update.maxVersionLevel())
                .isPresent();
        return inForce ? Errors.NONE : Errors.INVALID_UPDATE_VERSION;
    }
}
