package io.rejoin.contracts.log;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.UserId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Creates random commands and deliveries of every kind, with random field values. The same seed gives the same records.
 */
final class RandomRecords {
    private static final List<String> NAMES = List.of("a", "b", "a/b \u00fc", "\u20ac\ud83d\ude00", "\ufffd",
            "x".repeat(64));
    private static final long[] NUMBERS = {0, 1, 127, 128, 16_383, 16_384, Integer.MAX_VALUE, Long.MAX_VALUE, -1,
            Long.MIN_VALUE};

    private final Random random;

    RandomRecords(long seed) {
        random = new Random(seed);
    }

    List<Command> commands() {
        var commands = new ArrayList<Command>();
        for (var n = random.nextInt(12); n > 0; n--) commands.add(command());
        return commands;
    }

    Command command() {
        return switch (random.nextInt(12)) {
            case 0, 1 -> new Command.Join(room(), user(), connection(), edge(), number());
            case 2 -> new Command.Leave(room(), connection(), edge());
            case 3, 4, 5, 6 -> new Command.Post(room(), user(), connection(), edge(), nameOrNull(), content(),
                    random.nextBoolean() ? null : 1 + random.nextLong(Command.MAX_CONFIRM_MS), numberOrNull());
            case 7 -> new Command.ListMembers(room(), connection(), edge(), number());
            case 8 ->
                new Command.Acknowledge(room(), user(), connection(), edge(), numberOrNull(), number(), numberOrNull());
            case 9 -> new Command.Expire(room(), number(), number());
            case 10 -> new Command.Forget(room(), number(), number(),
                    Command.MIN_SILENT_MS + random.nextLong(Long.MAX_VALUE - Command.MIN_SILENT_MS));
            default -> new Command.EdgeLost(name(), number());
        };
    }

    DeliveryBatch batch() {
        var entries = new ArrayList<DeliveryBatch.Entry>();
        for (var n = random.nextInt(12); n > 0; n--)
            entries.add(new DeliveryBatch.Entry(new Source((int) number(), number(), (int) number()), delivery()));
        return new DeliveryBatch(name(), number(), entries);
    }

    Delivery delivery() {
        return switch (random.nextInt(Delivery.class.getPermittedSubclasses().length)) {
            case 0 -> new Delivery.Joined(room(), connection(), number(), number(), number(), users(), (int) number(),
                    number(), numberOrNull(), numberOrNull());
            case 1 -> new Delivery.Message(room(), number(), number(), user(), nameOrNull(), content(), number());
            case 2 ->
                new Delivery.Acked(room(), connection(), name(), number(), number(), random.nextBoolean());
            case 3 -> new Delivery.Refused(room(), connection(), nameOrNull(), random.nextBoolean()
                    ? Delivery.Refusal.ID_CONFLICT
                    : Delivery.Refusal.TOO_MANY_RECIPIENTS);
            case 4 -> new Delivery.Cursor(room(), user(), number(), number(), connection());
            case 5 -> new Delivery.Acknowledged(room(), connection(), number(), number(), number());
            case 6 -> new Delivery.Redeliver(room(), number(), number(), user());
            case 7 -> new Delivery.Confirmed(room(), connection(), number(), nameOrNull(), user());
            case 8 -> new Delivery.Expired(room(), connection(), number(), nameOrNull(), users());
            case 9 -> new Delivery.Presence(room(),
                    random.nextBoolean() ? Delivery.Action.JOIN : Delivery.Action.LEAVE, user(), (int) number(),
                    number());
            case 10 -> new Delivery.MemberList(room(), connection(), number(), users(), (int) number(), number());
            default -> new Delivery.GivenUp(number());
        };
    }

    private RoomId room() {
        return new RoomId(random.nextBoolean() ? "default" : "acme", name());
    }

    private UserId user() {
        return new UserId(random.nextInt(4) > 0 ? "default" : "acme", name());
    }

    private List<UserId> users() {
        var users = new ArrayList<UserId>();
        for (var n = random.nextInt(4); n > 0; n--) users.add(user());
        return users;
    }

    private ConnectionId connection() {
        return new ConnectionId("c" + random.nextInt(3));
    }

    private EdgeRef edge() {
        return new EdgeRef("e" + random.nextInt(3), 1 + random.nextInt(2), random.nextInt(200));
    }

    private Content content() {
        return switch (random.nextInt(4)) {
            case 0 -> Content.text("");
            case 1 -> Content.text(name().repeat(random.nextInt(40)) + "\"\n\u0000");
            case 2 -> Content.data(JsonText.NULL);
            default -> Content.data(new JsonText("[1.20,{\"a\":\"\u20ac\"}]"));
        };
    }

    private String name() {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    private @Nullable String nameOrNull() {
        return random.nextInt(3) == 0 ? null : name();
    }

    private long number() {
        return random.nextBoolean() ? NUMBERS[random.nextInt(NUMBERS.length)] : random.nextLong(1_000_000);
    }

    private @Nullable Long numberOrNull() {
        return random.nextInt(3) == 0 ? null : number();
    }
}
