package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.DeleteGroup;
import io.robustmq.core.group.GroupReply.Done;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.handler.SharedByGroup;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResultCollection;

/** Removes groups that have no members, with their offsets, or with all that they shared. */
final class DeleteGroupsHandler implements ApiHandler {
    private final GroupCalls calls;

    DeleteGroupsHandler(GroupCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        DeleteGroupsRequestData body = request.body(DeleteGroupsRequestData.class);
        List<String> groupIds = new ArrayList<>(new LinkedHashSet<>(body.groupsNames()));
        Gathering<DeletableGroupResult> gathering = new Gathering<>(
                groupIds.size(),
                results -> request.respond(new DeleteGroupsResponseData()
                        .setResults(new DeletableGroupResultCollection(results.iterator()))));
        for (int i = 0; i < groupIds.size(); i++) {
            String groupId = groupIds.get(i);
            if (!calls.allowsGroup(request, Operation.DELETE, groupId)) {
                gathering.put(i, result(groupId, BrokerError.GROUP_AUTHORIZATION_FAILED));
                continue;
            }
            Consumer<DeletableGroupResult> part = gathering.part(i);
            PendingAnswer<Done, BrokerError> pending = new PendingAnswer<>(
                    request.loop(),
                    Done.class,
                    Done::error,
                    error -> error,
                    error -> forgetShared(request, groupId, error, part));
            calls.submit(groupId, new DeleteGroup(pending, groupId));
        }
    }

    /** What a group shared goes after it; after a crash in between, the next attempt finds no group, but that. */
    private void forgetShared(
            KafkaRequest request, String groupId, BrokerError outcome, Consumer<DeletableGroupResult> part) {
        if (outcome != BrokerError.NONE && outcome != BrokerError.GROUP_ID_NOT_FOUND) {
            part.accept(result(groupId, outcome));
            return;
        }
        new SharedByGroup(calls.shares()).forget(request.loop(), groupId, Set.of(), (error, removed) -> {
            if (error != BrokerError.NONE) {
                part.accept(result(groupId, error));
            } else {
                part.accept(result(groupId, removed > 0 ? BrokerError.NONE : outcome));
            }
        });
    }

    private static DeletableGroupResult result(String groupId, BrokerError error) {
        return new DeletableGroupResult().setGroupId(groupId).setErrorCode(GroupErrors.code(error));
    }
}
