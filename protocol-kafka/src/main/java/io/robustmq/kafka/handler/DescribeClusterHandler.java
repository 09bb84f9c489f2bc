package io.robustmq.kafka.handler;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.port.MetaLog;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.Errors;

/** The nodes of the cluster. */
public final class DescribeClusterHandler implements ApiHandler {
    private static final short ENDPOINT_TYPE = 1;
    private static final short FENCED = 2;
    private static final byte BROKERS = 1;
    private static final byte CONTROLLERS = 2;

    private final MetaLog metaLog;
    private final Access access;
    private final Brokers brokers;

    public DescribeClusterHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
        this.brokers = new Brokers(context.nodeId(), context.config());
    }

    @Override
    public void handle(KafkaRequest request) {
        DescribeClusterRequestData body = request.body(DescribeClusterRequestData.class);
        MetaImage image = metaLog.image();
        DescribeClusterResponseData response = new DescribeClusterResponseData();
        if (request.version() >= ENDPOINT_TYPE && body.endpointType() != BROKERS) {
            boolean known = body.endpointType() == CONTROLLERS;
            Errors error = known ? Errors.MISMATCHED_ENDPOINT_TYPE : Errors.UNSUPPORTED_ENDPOINT_TYPE;
            request.respond(
                    response.setErrorCode(error.code()).setErrorMessage("The endpoints of this listener are brokers."));
            return;
        }
        response.setClusterId(image.clusterId()).setControllerId(brokers.controller(image, request.localAddress()));
        for (NodeImage node : image.nodes().values()) {
            Brokers.HostPort address = brokers.address(node, request.localAddress());
            boolean shown = !node.fenced() || (request.version() >= FENCED && body.includeFencedBrokers());
            if (address != null && shown) {
                response.brokers()
                        .add(new DescribeClusterBroker()
                                .setBrokerId(node.id())
                                .setHost(address.host())
                                .setPort(address.port())
                                .setRack(node.rack().isEmpty() ? null : node.rack())
                                .setIsFenced(node.fenced()));
            }
        }
        if (body.includeClusterAuthorizedOperations()) {
            response.setClusterAuthorizedOperations(access.clusterOperations(request.principal()));
        }
        request.respond(response);
    }
}
