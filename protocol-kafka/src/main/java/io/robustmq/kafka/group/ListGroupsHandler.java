package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand;
import io.robustmq.core.group.GroupReply.GroupSummary;
import io.robustmq.core.group.GroupReply.Listed;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;

/** The groups whose coordinator this node is; a client asks every node. */
final class ListGroupsHandler implements ApiHandler {
    private final GroupCalls calls;

    ListGroupsHandler(GroupCalls calls) {
        this.calls = calls;
    }

    /** What one coordinator has. */
    private record Part(BrokerError error, List<GroupSummary> groups) {}

    @Override
    public void handle(KafkaRequest request) {
        ListGroupsRequestData body = request.body(ListGroupsRequestData.class);
        List<Integer> partitions = List.copyOf(calls.service().partitionsLed());
        Gathering<Part> gathering =
                new Gathering<>(partitions.size(), parts -> request.respond(response(request, body, parts)));
        for (int i = 0; i < partitions.size(); i++) {
            PendingAnswer<Listed, Part> pending = new PendingAnswer<>(
                    request.loop(),
                    Listed.class,
                    listed -> new Part(BrokerError.NONE, listed.groups()),
                    error -> new Part(error, List.of()),
                    gathering.part(i));
            calls.service().submitTo(partitions.get(i), new GroupCommand.ListGroups(pending));
        }
    }

    private ListGroupsResponseData response(KafkaRequest request, ListGroupsRequestData body, List<Part> parts) {
        List<ListedGroup> groups = new ArrayList<>();
        BrokerError error = BrokerError.NONE;
        boolean allowsAll = calls.allowsCluster(request, Operation.DESCRIBE);
        for (Part part : parts) {
            // Leadership that went away meanwhile is no error: another node lists those groups.
            if (part.error() != BrokerError.NONE && part.error() != BrokerError.NOT_COORDINATOR) {
                error = part.error();
            }
            for (GroupSummary group : part.groups()) {
                boolean wanted = matches(body.statesFilter(), group.state())
                        && matches(body.typesFilter(), group.type().text());
                if (wanted && (allowsAll || calls.mightGroup(request, Operation.DESCRIBE, group.groupId()))) {
                    groups.add(new ListedGroup()
                            .setGroupId(group.groupId())
                            .setProtocolType(group.protocolType())
                            .setGroupState(group.state())
                            .setGroupType(group.type().text()));
                }
            }
        }
        return new ListGroupsResponseData()
                .setErrorCode(GroupErrors.code(error))
                .setGroups(error == BrokerError.NONE ? groups : List.of());
    }

    private static boolean matches(List<String> filter, String value) {
        if (filter.isEmpty()) {
            return true;
        }
        for (String wanted : filter) {
            if (wanted.toLowerCase(Locale.ROOT).equals(value.toLowerCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }
}
