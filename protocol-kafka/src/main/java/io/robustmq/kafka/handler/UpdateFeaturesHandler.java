package io.robustmq.kafka.handler;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.MetaCommand.SetLevel;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.Features;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKey;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.message.UpdateFeaturesResponseData.UpdatableFeatureResult;
import org.apache.kafka.common.protocol.Errors;

/** Finalizes the level of the cluster. Those of features follow from the code (see {@link Features}): the one in force can be asked for, no other. */
public final class UpdateFeaturesHandler implements ApiHandler {
    private static final short RESULT_LESS = 2;
    private static final byte UPGRADE = 1;
    private static final byte UNSAFE_DOWNGRADE = 3;

    private final MetaLog metaLog;
    private final Access access;

    public UpdateFeaturesHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
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
        FeatureUpdateKey level = body.featureUpdates().find(ClusterLevel.FEATURE);
        for (FeatureUpdateKey update : body.featureUpdates()) {
            boolean ofCluster = update.feature().equals(ClusterLevel.FEATURE);
            Errors error = ofCluster ? outcomeOfType(update) : outcome(update);
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
        if (level == null || response.errorCode() != Errors.NONE.code()) {
            request.respond(response);
        } else {
            finalizeLevel(request, new SetLevel(level.maxVersionLevel(), body.validateOnly()), response);
        }
    }

    private void finalizeLevel(KafkaRequest request, SetLevel command, UpdateFeaturesResponseData response) {
        new Pending(request.loop(), 1, () -> request.respond(response)).track(metaLog.submit(command), reply -> {
            if (reply instanceof MetaReply.Refused refused) {
                boolean cannot = refused.error() == BrokerError.UNSUPPORTED;
                response.results().clear();
                response.setErrorCode((cannot ? Errors.INVALID_UPDATE_VERSION : ErrorCodes.of(refused.error())).code())
                        .setErrorMessage(refused.message());
            }
        });
    }

    private static Errors outcomeOfType(FeatureUpdateKey update) {
        boolean known = update.upgradeType() >= UPGRADE && update.upgradeType() <= UNSAFE_DOWNGRADE;
        return known ? Errors.NONE : Errors.INVALID_UPDATE_VERSION;
    }

    private static Errors outcome(FeatureUpdateKey update) {
        if (outcomeOfType(update) != Errors.NONE) {
            return Errors.INVALID_UPDATE_VERSION;
        }
        boolean inForce = Features.find(update.feature())
                .filter(feature -> feature.level() == update.maxVersionLevel())
                .isPresent();
        return inForce ? Errors.NONE : Errors.INVALID_UPDATE_VERSION;
    }
}
