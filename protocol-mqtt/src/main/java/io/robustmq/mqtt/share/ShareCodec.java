package io.robustmq.mqtt.share;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.link.LinkFields;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.Principal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import org.jspecify.annotations.Nullable;

/**
 * What nodes tell each other of shares, as bytes. Stateless.
 *
 * <pre>
 *   stamp    table int32 · node int32 · epoch int32 · round int64
 *   holding  list of (partition · list of offset int64)
 *   seat     share string · client string · node int32 · partition int32 · epoch int32 · flags byte · window int32 · principal 3 strings
 *   report   list of (partition int32 · epoch int32) · list of (seat · holding · list of (partition · int64)) · list of (share · holding)
 *   deal     stamp · list of (share · client · owed byte · partition · list of int64) · list of (share · partition · int64)
 *   told     stamp · node int32 · number int64 · list of (kind byte · what it is about) · of each that is gone, in their order, a holding
 * </pre>
 */
final class ShareCodec {
    private static final byte CHANGED = 0;
    private static final byte GONE = 1;
    private static final byte SETTLED = 2;
    private static final byte RETURNED = 3;
    private static final int PERSISTENT = 1;
    private static final int LIVE = 2;
    private static final Principal NOBODY = new Principal("", "");

    private ShareCodec() {}

    static void write(ByteBuf body, Stamp stamp) {
        body.writeInt(stamp.table())
                .writeInt(stamp.node())
                .writeInt(stamp.epoch())
                .writeLong(stamp.round());
    }

    static Stamp stamp(ByteBuf body) {
        return new Stamp(body.readInt(), body.readInt(), body.readInt(), body.readLong());
    }

    static void write(ByteBuf body, SeatState seat) {
        LinkFields.write(LinkFields.write(body, seat.share()), seat.clientId());
        body.writeInt(seat.node()).writeInt(seat.partition()).writeInt(seat.epoch());
        body.writeByte((seat.persistent() ? PERSISTENT : 0) | (seat.live() ? LIVE : 0));
        body.writeInt(seat.window());
        Principal who = seat.principal() == null ? NOBODY : seat.principal();
        LinkFields.write(LinkFields.write(LinkFields.write(body, who.type()), who.name()), who.host());
    }

    static SeatState seat(ByteBuf body) {
        String share = LinkFields.string(body);
        String client = LinkFields.string(body);
        int node = body.readInt();
        int partition = body.readInt();
        int epoch = body.readInt();
        int flags = body.readByte();
        int window = body.readInt();
        Principal who = new Principal(LinkFields.string(body), LinkFields.string(body), LinkFields.string(body));
        boolean persistent = (flags & PERSISTENT) != 0;
        boolean live = (flags & LIVE) != 0;
        @Nullable Principal known = who.equals(NOBODY) ? null : who;
        return new SeatState(share, client, node, partition, epoch, persistent, live, window, known);
    }

    static void write(ByteBuf body, @Nullable Report report) {
        body.writeBoolean(report != null);
        if (report == null) {
            return;
        }
        LinkFields.write(body, report.epochs().entrySet(), (b, e) -> b.writeInt(e.getKey())
                .writeInt(e.getValue()));
        LinkFields.write(body, report.seats(), (b, seat) -> {
            write(b, seat.state());
            write(b, seat.held());
            LinkFields.write(b, seat.begins().entrySet(), (to, begin) -> LinkFields.write(to, begin.getKey())
                    .writeLong(begin.getValue()));
        });
        LinkFields.write(body, report.settled().entrySet(), (b, share) -> {
            LinkFields.write(b, share.getKey());
            write(b, share.getValue());
        });
    }

    static @Nullable Report report(ByteBuf body) {
        if (!body.readBoolean()) {
            return null;
        }
        Map<Integer, Integer> epochs = map(LinkFields.list(body, b -> Map.entry(b.readInt(), b.readInt())));
        List<Report.Seat> seats = LinkFields.list(body, b -> {
            SeatState state = seat(b);
            Holding held = holding(b);
            Map<Partition, Long> begins =
                    map(LinkFields.list(b, of -> Map.entry(LinkFields.partition(of), of.readLong())));
            return new Report.Seat(state, held, begins);
        });
        Map<String, Holding> settled = map(LinkFields.list(body, b -> Map.entry(LinkFields.string(b), holding(b))));
        return new Report(epochs, seats, settled);
    }

    static void write(ByteBuf body, Deal deal) {
        write(body, deal.stamp());
        LinkFields.write(body, deal.hands(), (b, hand) -> {
            LinkFields.write(LinkFields.write(b, hand.share()), hand.clientId()).writeBoolean(hand.owed());
            LinkFields.write(LinkFields.write(b, hand.partition()), hand.offsets(), ByteBuf::writeLong);
        });
        LinkFields.write(body, deal.floors(), (b, floor) -> LinkFields.write(
                        LinkFields.write(b, floor.share()), floor.partition())
                .writeLong(floor.offset()));
    }

    static Deal deal(ByteBuf body) {
        Stamp stamp = stamp(body);
        List<Deal.Hand> hands = LinkFields.list(
                body,
                b -> new Deal.Hand(
                        LinkFields.string(b),
                        LinkFields.string(b),
                        b.readBoolean(),
                        LinkFields.partition(b),
                        LinkFields.list(b, ByteBuf::readLong)));
        List<Deal.Floor> floors =
                LinkFields.list(body, b -> new Deal.Floor(LinkFields.string(b), LinkFields.partition(b), b.readLong()));
        return new Deal(stamp, hands, floors);
    }

    static void write(ByteBuf body, Told told) {
        write(body, told.stamp());
        body.writeInt(told.node()).writeLong(told.number());
        LinkFields.write(body, told.words(), ShareCodec::write);
        // Who is of the version before does not look so far.
        for (Word word : told.words()) {
            if (word instanceof Word.Gone gone) {
                write(body, gone.kept() == null ? new Holding() : gone.kept());
            }
        }
    }

    static Told told(ByteBuf body) {
        Stamp stamp = stamp(body);
        int node = body.readInt();
        long number = body.readLong();
        List<Word> words = LinkFields.list(body, ShareCodec::word);
        if (body.isReadable()) {
            words.replaceAll(word -> word instanceof Word.Gone gone
                    ? new Word.Gone(gone.share(), gone.clientId(), holding(body))
                    : word);
        }
        return new Told(stamp, node, number, words);
    }

    private static void write(ByteBuf body, Word word) {
        if (word instanceof Word.Changed changed) {
            write(body.writeByte(CHANGED), changed.state());
        } else if (word instanceof Word.Gone gone) {
            LinkFields.write(LinkFields.write(body.writeByte(GONE), gone.share()), gone.clientId());
        } else if (word instanceof Word.Settled settled) {
            LinkFields.write(LinkFields.write(body.writeByte(SETTLED), settled.share()), settled.clientId());
            write(body, settled.what());
        } else if (word instanceof Word.Returned returned) {
            LinkFields.write(LinkFields.write(body.writeByte(RETURNED), returned.share()), returned.clientId());
            write(body, returned.what());
        } else {
            throw new AssertionError(word);
        }
    }

    private static Word word(ByteBuf body) {
        byte kind = body.readByte();
        return switch (kind) {
            case CHANGED -> new Word.Changed(seat(body));
            case GONE -> new Word.Gone(LinkFields.string(body), LinkFields.string(body), null);
            case SETTLED -> new Word.Settled(LinkFields.string(body), LinkFields.string(body), holding(body));
            case RETURNED -> new Word.Returned(LinkFields.string(body), LinkFields.string(body), holding(body));
            default -> throw new IllegalArgumentException("word " + kind);
        };
    }

    private static void write(ByteBuf body, Holding holding) {
        LinkFields.write(
                body,
                holding.partitions(),
                (b, partition) ->
                        LinkFields.write(LinkFields.write(b, partition), holding.of(partition), ByteBuf::writeLong));
    }

    private static Holding holding(ByteBuf body) {
        Holding holding = new Holding();
        LinkFields.list(body, b -> {
            Partition partition = LinkFields.partition(b);
            LinkFields.list(b, ByteBuf::readLong).forEach(offset -> holding.add(partition, offset));
            return partition;
        });
        return holding;
    }

    private static <K, V> Map<K, V> map(List<Entry<K, V>> entries) {
        Map<K, V> map = new HashMap<>();
        entries.forEach(entry -> map.put(entry.getKey(), entry.getValue()));
        return map;
    }
}
