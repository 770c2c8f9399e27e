package io.rejoin.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.edge.websocket.WebSocketListener;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A device of a user. It behaves as clients do: it joins rooms, sends a post until it gets the ack, disconnects,
 * reconnects and resumes.
 */
final class SimulatedClient {
    /**
     * A post without an ack. {@code open} is how often the client has sent it, minus the sends that the server refused.
     * Each of these sends may still be accepted: it has no answer yet, or timed out. At 0 the client drops the post.
     */
    private static final class Pending {
        final RoomId room;
        final String id;
        final String text;
        final boolean confirm;
        int open;

        Pending(RoomId room, String id, String text, boolean confirm) {
            this.room = room;
            this.id = id;
            this.text = text;
            this.confirm = confirm;
        }
    }

    private static final int MAX_PENDING = 8;
    private static final int MAX_ACKED = 20;

    private record Connection(EdgeProcess edge, SimulatedSocket socket, WebSocketListener listener) {}

    private final UserId user;
    private final String name;
    private final World world;
    private final LogModel facts;
    private final RandomGenerator random;
    private final List<RoomView> views = new ArrayList<>();
    private final Map<String, Pending> pending = new LinkedHashMap<>();
    /** The latest posts that were acked, the oldest first. */
    private final List<Pending> acked = new ArrayList<>();
    private @Nullable Connection connection;
    private int frames;
    private int posts;
    private boolean hasQuit;

    SimulatedClient(UserId user, String name, World world) {
        this.user = user;
        this.name = name;
        this.world = world;
        this.facts = world.facts;
        this.random = world.random;
        for (var room : world.rooms) views.add(new RoomView(room, name, user, facts));
        views.add(new RoomView(RoomId.personal(user), name, user, facts));
    }

    String user() {
        return user.name();
    }

    List<RoomView> views() {
        return views;
    }

    /** Makes one random action of a client; false when that action is not possible now. */
    boolean act() {
        if (connection == null) return random.nextInt(4) == 0 && connect();
        if (!canSend(connection)) return false;
        var view = views.get(random.nextInt(views.size()));
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> !view.isJoined() && view.joining == null && join(view);
            case 4 -> random.nextInt(4) == 0 && join(view);
            case 5 -> random.nextInt(4) == 0 && leave(view);
            case 6 -> ask(view);
            case 7, 8, 9 -> resend();
            case 10 -> random.nextInt(12) == 0 && disconnect();
            case 11, 12 -> acknowledge(view);
            case 13 -> random.nextInt(4) == 0 ? sendOtherUnderAnOldId() : sendDirectly();
            default -> post(view);
        };
    }

    /**
     * Makes one step toward rest: connects, joins a wanted room, or sends a post again. False when nothing is left to
     * do.
     */
    boolean settle() {
        if (connection == null) return !hasQuit && connect();
        if (!canSend(connection)) return false;
        for (var view : views) {
            view.wanted |= pending.values().stream().anyMatch(post -> post.room.equals(view.room));
        }
        for (var view : views) {
            if (view.wanted && !view.isJoined() && view.joining == null) return join(view);
        }
        return resend();
    }

    /** Disconnects for good, and drops its posts without an ack. */
    void quit() {
        disconnect();
        pending.clear();
        views.forEach(view -> view.wanted = false);
        hasQuit = true;
    }

    /** Reads frames from the outbox; false when there are none. */
    boolean read(int most) {
        if (connection == null) return false;
        var from = connection;
        var read = 0;
        for (; read < most; read++) {
            var frame = from.socket().read();
            if (frame == null) break;
            var json = world.frames.read(frame);
            world.trace.add(() -> name + " reads " + json);
            take(json);
        }
        if (!from.socket().hasFrames() && (!from.socket().isOpen() || from.edge().isCrashed())) return disconnect();
        return read > 0;
    }

    boolean disconnect() {
        if (connection == null) return false;
        world.trace.add(() -> name + " is disconnected");
        connection.edge().lost(connection.socket(), connection.listener());
        connection = null;
        views.forEach(RoomView::disconnected);
        return true;
    }

    private boolean connect() {
        var edge = world.servingEdge();
        if (edge == null) return false;
        var socket = new SimulatedSocket(world.plan.outboxFrames());
        connection = new Connection(edge, socket, edge.connect(user.name(), socket));
        world.trace.add(() -> name + " connects to " + edge.ref());
        return true;
    }

    private boolean join(RoomView view) {
        view.wanted = true;
        var id = "j" + ++frames;
        var after = view.canResume() && random.nextInt(16) > 0 ? view.last() : -1;
        view.joins(id, after);
        return send("{\"event\":\"join\",\"room\":\"" + view.room.name() + "\",\"id\":\"" + id + "\""
                + (after < 0 ? "" : ",\"after\":" + after + ",\"epoch\":" + view.epoch()) + "}");
    }

    private boolean leave(RoomView view) {
        if (!view.isJoined()) return false;
        view.wanted = false;
        return send("{\"event\":\"leave\",\"room\":\"" + view.room.name() + "\"}");
    }

    private boolean ask(RoomView view) {
        return view.isJoined() && send("{\"event\":\"presence\",\"room\":\"" + view.room.name() + "\"}");
    }

    /** Acknowledges all messages that the view has, perhaps again. */
    private boolean acknowledge(RoomView view) {
        return view.isJoined() && view.last() > 0 && send("{\"event\":\"ack\",\"room\":\"" + view.room.name()
                + "\",\"seq\":" + view.acknowledges() + ",\"epoch\":" + view.epoch() + "}");
    }

    private boolean post(RoomView view) {
        if (view.room.isPersonal() || (!view.isJoined() && random.nextInt(8) > 0)) return false;
        return post(view.room, random.nextInt(4) == 0);
    }

    private boolean sendDirectly() {
        var to = world.clients.get(random.nextInt(world.clients.size()));
        return post(RoomId.personal(to.user), true);
    }

    private boolean post(RoomId room, boolean confirm) {
        if (pending.size() >= MAX_PENDING) return false;
        var id = name + "-" + ++posts;
        var post = new Pending(room, id, "text of " + id, confirm);
        pending.put(id, post);
        facts.tries(new LogModel.Post(room, user, id), post.text, confirm ? world.plan.confirmWithin().toMillis() : 0);
        return send(post);
    }

    /** Sends another text under an old id, as a client does that counts its ids from 1 after each start. */
    private boolean sendOtherUnderAnOldId() {
        if (acked.isEmpty()) return false;
        var post = acked.get(random.nextInt(acked.size()));
        if (!post.room.isPersonal() && !isJoined(post.room)) return false;
        var text = "another text of " + post.id;
        facts.tries(new LogModel.Post(post.room, user, post.id), text, 0);
        return send(post, text);
    }

    private boolean resend() {
        if (pending.isEmpty()) return false;
        var post = List.copyOf(pending.values()).get(random.nextInt(pending.size()));
        return (post.room.isPersonal() || isJoined(post.room)) && send(post);
    }

    private boolean isJoined(RoomId room) {
        return views.stream().anyMatch(view -> view.room.equals(room) && view.isJoined());
    }

    private boolean send(Pending post) {
        post.open++;
        return send(post, post.text);
    }

    private boolean send(Pending post, String text) {
        var to = post.room.isPersonal()
                ? "\"to\":\"" + post.room.owner().name()
                : "\"confirm\":" + post.confirm + ",\"room\":\"" + post.room.name();
        return send("{\"event\":\"message\"," + to + "\",\"id\":\"" + post.id + "\",\"text\":\"" + text + "\"}");
    }

    private boolean send(String frame) {
        world.trace.add(() -> name + " sends " + frame);
        Objects.requireNonNull(connection).listener().onText(frame);
        return true;
    }

    /** Whether a frame can be sent: the edge runs and the socket is open. */
    private static boolean canSend(Connection connection) {
        return connection.edge().isServing() && connection.socket().isOpen();
    }

    private void take(JsonNode frame) {
        switch (frame.get("event").textValue()) {
            case "join_ack" -> view(frame).joinAcked(frame);
            case "message" -> view(frame).message(frame);
            case "resync" -> view(frame).resynced(frame);
            case "presence" -> view(frame).presence(frame);
            case "presence_diff" -> view(frame).presenceDiff(frame);
            case "presence_state" -> view(frame).presenceState(frame);
            case "leave_ack" -> view(frame).left(frame);
            case "cursor" -> view(frame).cursorMoved(frame);
            case "confirmed" -> confirmed(frame);
            case "ack" -> acked(frame);
            case "error" -> failed(frame);
            case "welcome", "reconnect", "expired" -> {
                // nothing to check
            }
            default -> throw new Violation("an unknown frame: " + frame);
        }
    }

    private void acked(JsonNode ack) {
        var id = ack.get("id").textValue();
        var room = room(ack);
        facts.checkAck(room, user, id, ack.get("seq").longValue());
        var post = pending.remove(id);
        if (post == null) return;
        if (acked.size() == MAX_ACKED) acked.removeFirst();
        acked.add(post);
    }

    private void confirmed(JsonNode confirmed) {
        var by = new UserId(user.tenant(), confirmed.get("user").textValue());
        Violation.unless(facts.confirming().hasAcknowledged(room(confirmed), by, confirmed.get("seq").longValue()),
                () -> name + " gets a confirmation that no user made: " + confirmed);
    }

    private RoomId room(JsonNode frame) {
        return new RoomId(user.tenant(), frame.get("room").textValue());
    }

    /** Handles an error: a refusal, or a timeout with unknown outcome. */
    private void failed(JsonNode error) {
        var id = error.path("id").asText();
        for (var view : views) {
            if (id.equals(view.joining)) view.joinFailed();
        }
        var post = pending.get(id);
        if (post == null || error.get("code").textValue().equals("timeout")) return;
        if (--post.open > 0) return;
        facts.refused(new LogModel.Post(post.room, user, id)); // each send was refused: the client gives up
        pending.remove(id);
    }

    private RoomView view(JsonNode frame) {
        var name = frame.get("room").textValue();
        for (var view : views) {
            if (view.room.name().equals(name)) return view;
        }
        throw new Violation("a frame for a room that the client did not join: " + frame);
    }

    /** Checks that the client is in all its wanted rooms, and has all their messages, members and cursors. */
    void checkSettled(Map<RoomId, Set<String>> present) {
        Violation.unless(pending.isEmpty(), () -> name + " has no ack of " + pending.keySet());
        for (var view : views) {
            if (!view.wanted) continue;
            Violation.unless(view.isJoined() && view.isCaughtUp(), () -> name + " is not back in " + view.room.key());
            Violation.unless(view.last() == facts.head(view.room),
                    () -> name + " has seen " + view.room.key() + " up to "
                            + view.last() + " of " + facts.head(view.room));
            Violation.unless(view.knowsCursor(), () -> name + " has a wrong cursor in " + view.room.key());
            var right = Objects.requireNonNull(present.get(view.room));
            Violation.unless(view.users().equals(right), () -> name + " sees " + view.users() + " in " + view.room.key()
                    + ", but there are " + right);
        }
    }
}
