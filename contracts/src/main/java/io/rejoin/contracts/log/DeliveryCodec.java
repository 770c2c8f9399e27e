package io.rejoin.contracts.log;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.DeliveryRecord.Item;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Codec of delivery batches. The first byte is the version. Then come the edge's id, its incarnation, and the number of
 * deliveries.
 *
 * <p>Each delivery has its length before it, so one unreadable delivery does not affect the others. It begins with its
 * source: partition, offset and index, as three numbers. Then comes one byte for its kind, and its fields. The bytes
 * after the source are the same for every edge.
 *
 * <p>{@link BinaryWriter} defines the form of numbers, strings and contents; {@link BinaryFields} that of rooms and
 * users.
 */
final class DeliveryCodec {
    static final int VERSION = 1;

    private static final int JOINED = 1;
    private static final int MESSAGE = 2;
    private static final int ACKED = 3;
    private static final int REFUSED = 4;
    private static final int CURSOR = 5;
    private static final int ACKNOWLEDGED = 6;
    private static final int REDELIVER = 7;
    private static final int CONFIRMED = 8;
    private static final int EXPIRED = 9;
    private static final int PRESENCE = 10;
    private static final int MEMBER_LIST = 11;
    private static final int GIVEN_UP = 12;

    private static final int TOO_MANY_RECIPIENTS = 1;
    private static final int ID_CONFLICT = 2;

    /** Approximate size of a delivery without its content, in bytes. */
    private static final int ABOUT = 96;

    private DeliveryCodec() {}

    /** Writes a delivery without its source. */
    static byte[] write(Delivery delivery) {
        var to = new BinaryWriter(delivery instanceof Delivery.Message m ? ABOUT + m.content().length() : ABOUT);
        switch (delivery) {
            case Delivery.Joined joined -> writeJoined(joined, to);
            case Delivery.Message(var room, var epoch, var seq, var user, var id, var content, var ts) -> {
                begin(MESSAGE, room, to);
                to.number(epoch);
                to.number(seq);
                BinaryFields.user(user, room, to);
                to.string(id);
                to.number(ts);
                to.content(content);
            }
            case Delivery.Acked(var room, var connection, var id, var seq, var ts, var duplicate) -> {
                begin(ACKED, room, to);
                BinaryFields.connection(connection, to);
                to.string(id);
                to.number(seq);
                to.number(ts);
                to.flag(duplicate);
            }
            case Delivery.Refused(var room, var connection, var id, var reason) -> {
                begin(REFUSED, room, to);
                BinaryFields.connection(connection, to);
                to.string(id);
                to.put(switch (reason) {
                    case TOO_MANY_RECIPIENTS -> TOO_MANY_RECIPIENTS;
                    case ID_CONFLICT -> ID_CONFLICT;
                });
            }
            case Delivery.Cursor(var room, var user, var epoch, var seq, var by) -> {
                begin(CURSOR, room, to);
                BinaryFields.user(user, room, to);
                to.number(epoch);
                to.number(seq);
                BinaryFields.connection(by, to);
            }
            case Delivery.Acknowledged(var room, var connection, var request, var epoch, var seq) -> {
                begin(ACKNOWLEDGED, room, to);
                BinaryFields.connection(connection, to);
                to.number(request);
                to.number(epoch);
                to.number(seq);
            }
            case Delivery.Redeliver(var room, var epoch, var seq, var user) -> {
                begin(REDELIVER, room, to);
                to.number(epoch);
                to.number(seq);
                BinaryFields.user(user, room, to);
            }
            case Delivery.Confirmed(var room, var connection, var seq, var id, var user) -> {
                begin(CONFIRMED, room, to);
                BinaryFields.connection(connection, to);
                to.number(seq);
                to.string(id);
                BinaryFields.user(user, room, to);
            }
            case Delivery.Expired(var room, var connection, var seq, var id, var users) -> {
                begin(EXPIRED, room, to);
                BinaryFields.connection(connection, to);
                to.number(seq);
                to.string(id);
                BinaryFields.users(users, room, to);
            }
            case Delivery.Presence(var room, var action, var user, var count, var version) -> {
                begin(PRESENCE, room, to);
                to.flag(switch (action) {
                    case JOIN -> true;
                    case LEAVE -> false;
                });
                BinaryFields.user(user, room, to);
                to.number(count);
                to.number(version);
            }
            case Delivery.MemberList(var room, var connection, var request, var members, var count, var version) -> {
                begin(MEMBER_LIST, room, to);
                BinaryFields.connection(connection, to);
                to.number(request);
                BinaryFields.users(members, room, to);
                to.number(count);
                to.number(version);
            }
            case Delivery.GivenUp(var incarnation) -> {
                to.put(GIVEN_UP);
                to.number(incarnation);
            }
        }
        return to.bytes();
    }

    private static void begin(int kind, RoomId room, BinaryWriter to) {
        to.put(kind);
        BinaryFields.room(room, to);
    }

    private static void writeJoined(Delivery.Joined joined, BinaryWriter to) {
        begin(JOINED, joined.room(), to);
        BinaryFields.connection(joined.connection(), to);
        to.number(joined.request());
        to.number(joined.epoch());
        to.number(joined.seq());
        BinaryFields.users(joined.members(), joined.room(), to);
        to.number(joined.count());
        to.number(joined.version());
        to.optional(joined.cursor());
        to.optional(joined.emptySince());
    }

    /**
     * Writes a batch.
     *
     * @param written the deliveries of its entries, each as {@link #write(Delivery)} writes it
     */
    static byte[] write(DeliveryBatch batch, List<byte[]> written) {
        if (written.size() > JsonArrayScanner.MAX)
            throw new IllegalArgumentException("more than " + JsonArrayScanner.MAX + " deliveries");
        var expected = ABOUT;
        for (var delivery : written) expected += delivery.length + 16;
        var to = new BinaryWriter(expected);
        to.put(VERSION);
        to.string(batch.edge());
        to.number(batch.incarnation());
        to.number(written.size());
        for (var i = 0; i < written.size(); i++) writeEntry(batch.entries().get(i).source(), written.get(i), to);
        return to.bytes();
    }

    private static void writeEntry(Source source, byte[] delivery, BinaryWriter to) {
        to.number(BinaryWriter.size(source.partition()) + BinaryWriter.size(source.offset())
                + BinaryWriter.size(source.index()) + delivery.length);
        to.number(source.partition());
        to.number(source.offset());
        to.number(source.index());
        to.put(delivery, 0, delivery.length);
    }

    static DeliveryRecord read(byte[] value) throws MalformedRecordException {
        var from = new BinaryReader(value, 1, value.length);
        var edge = from.string("edge's id");
        var incarnation = from.number("incarnation");
        var count = from.count("deliveries", JsonArrayScanner.MAX);
        var items = new ArrayList<Item>(count);
        for (var i = 0; i < count; i++) items.add(item(from.part("delivery " + i)));
        from.atEnd("the batch");
        return new DeliveryRecord(edge, incarnation, items);
    }

    private static Item item(BinaryReader from) {
        Source source = null;
        String type = null;
        try {
            source = new Source(from.smallNumber("partition"), from.number("offset"), from.smallNumber("index"));
            var kind = from.oneByte("kind of delivery");
            type = type(kind);
            var delivery = delivery(kind, from);
            from.atEnd("the delivery");
            return new Item.Usable(new DeliveryBatch.Entry(source, delivery));
        } catch (MalformedRecordException | IllegalArgumentException e) {
            return new Item.Unusable(source, type, String.valueOf(e.getMessage()));
        }
    }

    /** The name of this kind in JSON; null if this version does not know the kind. */
    private static @Nullable String type(int kind) {
        return switch (kind) {
            case JOINED -> "joined";
            case MESSAGE -> "message";
            case ACKED -> "acked";
            case REFUSED -> "refused";
            case CURSOR -> "cursor";
            case ACKNOWLEDGED -> "acknowledged";
            case REDELIVER -> "redeliver";
            case CONFIRMED -> "confirmed";
            case EXPIRED -> "expired";
            case PRESENCE -> "presence";
            case MEMBER_LIST -> "member_list";
            case GIVEN_UP -> "given_up";
            default -> null;
        };
    }

    private static Delivery delivery(int kind, BinaryReader from) throws MalformedRecordException {
        if (kind == GIVEN_UP) return new Delivery.GivenUp(from.number("incarnation"));
        if (kind < JOINED || kind > GIVEN_UP)
            throw new MalformedRecordException("a delivery of kind " + kind + " is unknown here");
        var room = BinaryFields.room(from);
        return switch (kind) {
            case JOINED -> new Delivery.Joined(room, BinaryFields.connection(from), from.number("request"),
                    from.number("epoch"), from.number("seq"), BinaryFields.users(room, from), from.smallNumber("count"),
                    from.number("version"), from.optional("cursor"), from.optional("emptySince"));
            case MESSAGE -> message(room, from);
            case ACKED -> new Delivery.Acked(room, BinaryFields.connection(from), from.string("id"), from.number("seq"),
                    from.number("ts"), from.flag("duplicate"));
            case REFUSED -> new Delivery.Refused(room, BinaryFields.connection(from), from.stringOrNull("id"),
                    refusal(from.oneByte("reason")));
            case CURSOR -> new Delivery.Cursor(room, BinaryFields.user(room, from), from.number("epoch"),
                    from.number("seq"), BinaryFields.connection(from));
            case ACKNOWLEDGED -> new Delivery.Acknowledged(room, BinaryFields.connection(from), from.number("request"),
                    from.number("epoch"), from.number("seq"));
            case REDELIVER -> new Delivery.Redeliver(room, from.number("epoch"), from.number("seq"),
                    BinaryFields.user(room, from));
            case CONFIRMED -> new Delivery.Confirmed(room, BinaryFields.connection(from), from.number("seq"),
                    from.stringOrNull("id"), BinaryFields.user(room, from));
            case EXPIRED -> new Delivery.Expired(room, BinaryFields.connection(from), from.number("seq"),
                    from.stringOrNull("id"), BinaryFields.users(room, from));
            case PRESENCE -> new Delivery.Presence(room,
                    from.flag("action") ? Delivery.Action.JOIN : Delivery.Action.LEAVE, BinaryFields.user(room, from),
                    from.smallNumber("count"), from.number("version"));
            default -> new Delivery.MemberList(room, BinaryFields.connection(from), from.number("request"),
                    BinaryFields.users(room, from), from.smallNumber("count"), from.number("version"));
        };
    }

    private static Delivery.Message message(RoomId room, BinaryReader from) throws MalformedRecordException {
        var epoch = from.number("epoch");
        var seq = from.number("seq");
        var user = BinaryFields.user(room, from);
        var id = from.stringOrNull("id");
        var ts = from.number("ts");
        return new Delivery.Message(room, epoch, seq, user, id, BinaryFields.trustedContent(from), ts);
    }

    private static Delivery.Refusal refusal(int reason) throws MalformedRecordException {
        return switch (reason) {
            case TOO_MANY_RECIPIENTS -> Delivery.Refusal.TOO_MANY_RECIPIENTS;
            case ID_CONFLICT -> Delivery.Refusal.ID_CONFLICT;
            default -> throw new MalformedRecordException("the reason " + reason + " is unknown here");
        };
    }
}
