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
    private static final int BYTES_WITHOUT_CONTENT = 96;

    private DeliveryCodec() {}

    /** Writes a delivery without its source. */
    static byte[] write(Delivery delivery) {
        var contentBytes = delivery instanceof Delivery.Message message ? message.content().length() : 0;
        var writer = new BinaryWriter(BYTES_WITHOUT_CONTENT + contentBytes);
        switch (delivery) {
            case Delivery.Joined joined -> writeJoined(joined, writer);
            case Delivery.Message(var room, var epoch, var seq, var user, var id, var content, var ts) -> {
                writeKindAndRoom(MESSAGE, room, writer);
                writer.number(epoch);
                writer.number(seq);
                BinaryFields.user(user, room, writer);
                writer.string(id);
                writer.number(ts);
                writer.content(content);
            }
            case Delivery.Acked(var room, var connection, var id, var seq, var ts, var duplicate) -> {
                writeKindAndRoom(ACKED, room, writer);
                BinaryFields.connection(connection, writer);
                writer.string(id);
                writer.number(seq);
                writer.number(ts);
                writer.flag(duplicate);
            }
            case Delivery.Refused(var room, var connection, var id, var reason) -> {
                writeKindAndRoom(REFUSED, room, writer);
                BinaryFields.connection(connection, writer);
                writer.string(id);
                writer.put(switch (reason) {
                    case TOO_MANY_RECIPIENTS -> TOO_MANY_RECIPIENTS;
                    case ID_CONFLICT -> ID_CONFLICT;
                });
            }
            case Delivery.Cursor(var room, var user, var epoch, var seq, var by) -> {
                writeKindAndRoom(CURSOR, room, writer);
                BinaryFields.user(user, room, writer);
                writer.number(epoch);
                writer.number(seq);
                BinaryFields.connection(by, writer);
            }
            case Delivery.Acknowledged(var room, var connection, var request, var epoch, var seq) -> {
                writeKindAndRoom(ACKNOWLEDGED, room, writer);
                BinaryFields.connection(connection, writer);
                writer.number(request);
                writer.number(epoch);
                writer.number(seq);
            }
            case Delivery.Redeliver(var room, var epoch, var seq, var user) -> {
                writeKindAndRoom(REDELIVER, room, writer);
                writer.number(epoch);
                writer.number(seq);
                BinaryFields.user(user, room, writer);
            }
            case Delivery.Confirmed(var room, var connection, var seq, var id, var user) -> {
                writeKindAndRoom(CONFIRMED, room, writer);
                BinaryFields.connection(connection, writer);
                writer.number(seq);
                writer.string(id);
                BinaryFields.user(user, room, writer);
            }
            case Delivery.Expired(var room, var connection, var seq, var id, var users) -> {
                writeKindAndRoom(EXPIRED, room, writer);
                BinaryFields.connection(connection, writer);
                writer.number(seq);
                writer.string(id);
                BinaryFields.users(users, room, writer);
            }
            case Delivery.Presence(var room, var action, var user, var count, var version) -> {
                writeKindAndRoom(PRESENCE, room, writer);
                writer.flag(switch (action) {
                    case JOIN -> true;
                    case LEAVE -> false;
                });
                BinaryFields.user(user, room, writer);
                writer.number(count);
                writer.number(version);
            }
            case Delivery.MemberList(var room, var connection, var request, var members, var count, var version) -> {
                writeKindAndRoom(MEMBER_LIST, room, writer);
                BinaryFields.connection(connection, writer);
                writer.number(request);
                BinaryFields.users(members, room, writer);
                writer.number(count);
                writer.number(version);
            }
            case Delivery.GivenUp(var incarnation) -> {
                writer.put(GIVEN_UP);
                writer.number(incarnation);
            }
        }
        return writer.bytes();
    }

    private static void writeKindAndRoom(int kind, RoomId room, BinaryWriter writer) {
        writer.put(kind);
        BinaryFields.room(room, writer);
    }

    private static void writeJoined(Delivery.Joined joined, BinaryWriter writer) {
        writeKindAndRoom(JOINED, joined.room(), writer);
        BinaryFields.connection(joined.connection(), writer);
        writer.number(joined.request());
        writer.number(joined.epoch());
        writer.number(joined.seq());
        BinaryFields.users(joined.members(), joined.room(), writer);
        writer.number(joined.count());
        writer.number(joined.version());
        writer.optional(joined.cursor());
        writer.optional(joined.emptySince());
    }

    /**
     * Writes a batch.
     *
     * @param encoded the deliveries of its entries, each as {@link #write(Delivery)} writes it
     */
    static byte[] write(DeliveryBatch batch, List<byte[]> encoded) {
        if (encoded.size() > JsonArrayScanner.MAX)
            throw new IllegalArgumentException("more than " + JsonArrayScanner.MAX + " deliveries");
        var expectedBytes = BYTES_WITHOUT_CONTENT;
        for (var delivery : encoded) expectedBytes += delivery.length + 16;
        var writer = new BinaryWriter(expectedBytes);
        writer.put(VERSION);
        writer.string(batch.edge());
        writer.number(batch.incarnation());
        writer.number(encoded.size());
        for (var i = 0; i < encoded.size(); i++) writeEntry(batch.entries().get(i).source(), encoded.get(i), writer);
        return writer.bytes();
    }

    private static void writeEntry(Source source, byte[] delivery, BinaryWriter writer) {
        writer.number(BinaryWriter.numberSize(source.partition()) + BinaryWriter.numberSize(source.offset())
                + BinaryWriter.numberSize(source.index()) + delivery.length);
        writer.number(source.partition());
        writer.number(source.offset());
        writer.number(source.index());
        writer.put(delivery, 0, delivery.length);
    }

    static DeliveryRecord read(byte[] value) throws MalformedRecordException {
        var reader = new BinaryReader(value, 1, value.length);
        var edge = reader.string("edge's id");
        var incarnation = reader.number("incarnation");
        var count = reader.count("deliveries", JsonArrayScanner.MAX);
        var items = new ArrayList<Item>(count);
        for (var i = 0; i < count; i++) items.add(readItem(reader.readPart("delivery " + i)));
        reader.checkEnd("the batch");
        return new DeliveryRecord(edge, incarnation, items);
    }

    private static Item readItem(BinaryReader reader) {
        Source source = null;
        String type = null;
        try {
            source = new Source(reader.smallNumber("partition"), reader.number("offset"), reader.smallNumber("index"));
            var kind = reader.oneByte("kind of delivery");
            type = jsonType(kind);
            var delivery = readDelivery(kind, reader);
            reader.checkEnd("the delivery");
            return new Item.Usable(new DeliveryBatch.Entry(source, delivery));
        } catch (MalformedRecordException | IllegalArgumentException e) {
            return new Item.Unusable(source, type, String.valueOf(e.getMessage()));
        }
    }

    /** The name of this kind in JSON; null if this version does not know the kind. */
    private static @Nullable String jsonType(int kind) {
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

    private static Delivery readDelivery(int kind, BinaryReader reader) throws MalformedRecordException {
        if (kind == GIVEN_UP) return new Delivery.GivenUp(reader.number("incarnation"));
        if (kind < JOINED || kind > GIVEN_UP)
            throw new MalformedRecordException("a delivery of kind " + kind + " is unknown here");
        var room = BinaryFields.room(reader);
        return switch (kind) {
            case JOINED -> new Delivery.Joined(room, BinaryFields.connection(reader), reader.number("request"),
                    reader.number("epoch"), reader.number("seq"), BinaryFields.users(room, reader),
                    reader.smallNumber("count"), reader.number("version"), reader.optional("cursor"),
                    reader.optional("emptySince"));
            case MESSAGE -> readMessage(room, reader);
            case ACKED -> new Delivery.Acked(room, BinaryFields.connection(reader), reader.string("id"),
                    reader.number("seq"), reader.number("ts"), reader.flag("duplicate"));
            case REFUSED -> new Delivery.Refused(room, BinaryFields.connection(reader), reader.stringOrNull("id"),
                    toRefusal(reader.oneByte("reason")));
            case CURSOR -> new Delivery.Cursor(room, BinaryFields.user(room, reader), reader.number("epoch"),
                    reader.number("seq"), BinaryFields.connection(reader));
            case ACKNOWLEDGED -> new Delivery.Acknowledged(room, BinaryFields.connection(reader),
                    reader.number("request"), reader.number("epoch"), reader.number("seq"));
            case REDELIVER -> new Delivery.Redeliver(room, reader.number("epoch"), reader.number("seq"),
                    BinaryFields.user(room, reader));
            case CONFIRMED -> new Delivery.Confirmed(room, BinaryFields.connection(reader), reader.number("seq"),
                    reader.stringOrNull("id"), BinaryFields.user(room, reader));
            case EXPIRED -> new Delivery.Expired(room, BinaryFields.connection(reader), reader.number("seq"),
                    reader.stringOrNull("id"), BinaryFields.users(room, reader));
            case PRESENCE -> new Delivery.Presence(room,
                    reader.flag("action") ? Delivery.Action.JOIN : Delivery.Action.LEAVE,
                    BinaryFields.user(room, reader), reader.smallNumber("count"), reader.number("version"));
            default -> new Delivery.MemberList(room, BinaryFields.connection(reader), reader.number("request"),
                    BinaryFields.users(room, reader), reader.smallNumber("count"), reader.number("version"));
        };
    }

    private static Delivery.Message readMessage(RoomId room, BinaryReader reader) throws MalformedRecordException {
        var epoch = reader.number("epoch");
        var seq = reader.number("seq");
        var user = BinaryFields.user(room, reader);
        var id = reader.stringOrNull("id");
        var ts = reader.number("ts");
        return new Delivery.Message(room, epoch, seq, user, id, BinaryFields.trustedContent(reader), ts);
    }

    private static Delivery.Refusal toRefusal(int reason) throws MalformedRecordException {
        return switch (reason) {
            case TOO_MANY_RECIPIENTS -> Delivery.Refusal.TOO_MANY_RECIPIENTS;
            case ID_CONFLICT -> Delivery.Refusal.ID_CONFLICT;
            default -> throw new MalformedRecordException("the reason " + reason + " is unknown here");
        };
    }
}
