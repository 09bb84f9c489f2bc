package io.robustmq.core.txn.link;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.link.LinkFields;
import io.robustmq.core.txn.MarkerOrder;
import io.robustmq.core.txn.TxnCommand.AddPartitions;
import io.robustmq.core.txn.TxnCommand.Producer;
import io.robustmq.core.txn.TxnCommand.VerifyPartitions;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.core.txn.TxnRequester;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;

/**
 * What nodes ask each other about transactions, as bytes. Stateless.
 *
 * <pre>
 *   markers   0 · coordinator int32 · its epoch int32 · producer · commits byte · endsEpoch byte · partitions
 *   add       1 · id string · producer · bumpsEpoch byte · partitions
 *   verify    2 · id string · producer · partitions
 *   answer    one error per partition of markers, one alone for the others
 *   producer  id int64 · epoch int16      partitions  a list of: topic string · index int32
 * </pre>
 */
final class TxnLinkCodec {
    static final byte MARKERS = 0;
    static final byte ADD = 1;
    static final byte VERIFY = 2;

    private static final int INITIAL_BYTES = 256;

    private TxnLinkCodec() {}

    static ByteBuf encode(MarkerOrder order) {
        ByteBuf body = start(MARKERS).writeInt(order.coordinator()).writeInt(order.coordinatorEpoch());
        write(body, order.producer());
        body.writeBoolean(order.commits()).writeBoolean(order.endsEpoch());
        return write(body, order.partitions());
    }

    static ByteBuf encode(AddPartitions add) {
        ByteBuf body = LinkFields.write(start(ADD), add.transactionalId());
        write(body, add.producer()).writeBoolean(add.bumpsEpoch());
        return write(body, add.partitions());
    }

    static ByteBuf encode(VerifyPartitions verify) {
        ByteBuf body = LinkFields.write(start(VERIFY), verify.transactionalId());
        return write(write(body, verify.producer()), verify.partitions());
    }

    static MarkerOrder markers(ByteBuf body) {
        return new MarkerOrder(
                body.readInt(),
                body.readInt(),
                producer(body),
                body.readBoolean(),
                body.readBoolean(),
                partitions(body));
    }

    static AddPartitions add(ByteBuf body, TxnRequester requester) {
        String id = LinkFields.string(body);
        Producer producer = producer(body);
        boolean bumpsEpoch = body.readBoolean();
        return new AddPartitions(requester, id, producer, new HashSet<>(partitions(body)), bumpsEpoch);
    }

    static VerifyPartitions verify(ByteBuf body, TxnRequester requester) {
        return new VerifyPartitions(
                requester, LinkFields.string(body), producer(body), new HashSet<>(partitions(body)));
    }

    static ByteBuf encode(List<BrokerError> errors) {
        ByteBuf body = ByteBufAllocator.DEFAULT.buffer(INITIAL_BYTES);
        errors.forEach(error -> LinkFields.write(body, error));
        return body;
    }

    private static ByteBuf start(byte kind) {
        return ByteBufAllocator.DEFAULT.buffer(INITIAL_BYTES).writeByte(kind);
    }

    private static ByteBuf write(ByteBuf body, Producer producer) {
        return body.writeLong(producer.id()).writeShort(producer.epoch());
    }

    private static Producer producer(ByteBuf body) {
        return new Producer(body.readLong(), body.readShort());
    }

    private static ByteBuf write(ByteBuf body, Collection<TxnPartition> partitions) {
        return LinkFields.write(body, partitions, (to, each) -> LinkFields.write(to, each.topic())
                .writeInt(each.partition()));
    }

    private static List<TxnPartition> partitions(ByteBuf body) {
        return LinkFields.list(body, from -> new TxnPartition(LinkFields.string(from), from.readInt()));
    }
}
