package io.rejoin.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.FrameCodec;
import io.rejoin.contracts.client.RefusalCode;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.EdgeOrder;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.EventSchemas;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.RouterBeat;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests that the AsyncAPI document agrees with the codecs. */
class AsyncApiTest {
    /** The JSON in which the tools show a batch. */
    private record Deliveries(int v, DeliveryBatch batch) {}

    private final AsyncApi api;

    AsyncApiTest() throws IOException {
        api = new AsyncApi();
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        assertThat(api.brokenReferences()).isEmpty();
    }

    @Test
    void everyFrameIsDescribed() {
        var clients = Arrays.stream(ClientFrame.class.getPermittedSubclasses())
                .map(type -> type.getSimpleName().toLowerCase(Locale.ROOT));

        assertThat(api.ofOperation("takeFrames")).map(AsyncApi.Message::event)
                .containsExactlyInAnyOrderElementsOf(clients.toList());
        assertThat(api.ofOperation("sendFrames")).map(AsyncApi.Message::event)
                .containsExactlyInAnyOrderElementsOf(names(ServerFrame.class));
        assertThat(api.ofChannel("socket")).containsExactlyElementsOf(
                Stream.of("takeFrames", "sendFrames").flatMap(o -> api.ofOperation(o).stream()).toList());
    }

    @Test
    void everyTopicIsDescribed() throws Exception {
        var topics = new TreeSet<String>();
        for (var method : TopicNames.class.getDeclaredMethods()) {
            var isName = Modifier.isPublic(method.getModifiers()) && method.getParameterCount() == 0
                    && method.invoke(TopicNames.PLAIN) instanceof String name && name.startsWith("rejoin.");
            if (isName) topics.add((String) method.invoke(TopicNames.PLAIN));
        }
        var headers = List.of(Topics.DEAD_LETTER_FROM, Topics.DEAD_LETTER_REASON);
        var addresses = api.at("/channels").valueStream().map(channel -> channel.get("address").textValue());

        assertThat(addresses.filter(address -> !address.startsWith("/")))
                .containsExactlyInAnyOrderElementsOf(topics);
        assertThat(texts(api.at("/components/messages/deadLetter/headers/required"))).isEqualTo(headers);
        assertThat(api.at("/components/messages/deadLetter/headers/properties").has(Topics.DEAD_LETTER_INDEX)).isTrue();
    }

    @Test
    void everyCodeIsDescribed() {
        var closing = api.at("/channels/socket/description").textValue();

        assertThat(texts(api.at("/components/schemas/errorCode/enum")))
                .isEqualTo(Arrays.stream(ErrorCode.values()).map(ErrorCode::wireName).toList());
        for (var code : CloseCode.values()) assertThat(closing).contains(String.valueOf(code.number()));
        for (var code : RefusalCode.values())
            assertThat(closing).contains(code.status() + " `" + code.wireName() + "`");
        for (var code : CloseCode.values()) {
            var isFinal = closing.indexOf(String.valueOf(code.number())) > closing.indexOf("Final ones");
            assertThat(isFinal).as("%s is final", code).isNotEqualTo(code.isReconnect());
        }
    }

    @Test
    void examplesOfClientFramesAreReadAndFit() throws Exception {
        for (var message : api.ofOperation("takeFrames")) {
            assertThat(message.examples()).isNotEmpty();
            for (var example : payloads(message)) {
                assertThat(FrameCodec.decode(example.toString()).getClass().getSimpleName().toLowerCase(Locale.ROOT))
                        .isEqualTo(message.event());
                assertThat(api.problems(message, example.toString())).isEmpty();
            }
        }
    }

    @Test
    void examplesOfServerFramesFitAndAreWhatTheCodecWrites() throws Exception {
        for (var message : api.ofOperation("sendFrames")) {
            assertThat(message.examples()).isNotEmpty();
            for (var example : payloads(message)) {
                var frame = Objects.requireNonNull(Json.MAPPER.treeToValue(example, ServerFrame.class));

                assertThat(api.problems(message, example.toString())).isEmpty();
                assertThat(Json.MAPPER.readTree(FrameCodec.encode(frame))).isEqualTo(reread(example));
            }
        }
    }

    @Test
    void aSchemaCatchesWhatDoesNotFitAlsoBehindAReference() {
        for (var message : api.ofOperation("sendFrames")) assertThat(api.problems(message, "{}")).isNotEmpty();
        var ack = api.ofOperation("sendFrames").stream().filter(m -> m.event().equals("ack")).findFirst().orElseThrow();

        assertThat(api.problems(ack, "{\"event\":\"ack\",\"id\":\"x\",\"room\":\"r\",\"seq\":0,\"ts\":1}"))
                .hasSize(1);
    }

    @Test
    void theFieldsOfServerFramesAreThoseOfTheRecords() {
        for (var type : ServerFrame.class.getPermittedSubclasses()) {
            var message = api.ofOperation("sendFrames").stream().filter(m -> m.event().equals(name(type))).findFirst();
            var properties = Json.MAPPER.getSerializationConfig()
                    .introspect(Json.MAPPER.constructType(type)).findProperties().stream().map(p -> p.getName());
            var fields = properties.flatMap(p -> p.equals("content") ? Stream.of("text", "data") : Stream.of(p));

            assertThat(message.orElseThrow().fields()).as(name(type))
                    .containsExactlyInAnyOrderElementsOf(Stream.concat(Stream.of("event"), fields).toList());
        }
    }

    @Test
    void everyFactIsDescribedWithItsHeadersAndFitsItsSchema() throws Exception {
        var messages = api.ofChannel("events");
        assertThat(messages).hasSameSizeAs(Event.class.getPermittedSubclasses());
        for (var message : messages) {
            var example = message.examples().getFirst();
            var headers = example.get("headers").propertyStream()
                    .collect(Collectors.toMap(e -> e.getKey(), e -> e.getValue().textValue()));
            var value = example.get("payload").toString().getBytes(UTF_8);
            var read = EventCodec.decode(headers, value);
            var type = EventCodec.type(read.event());

            assertThat(message.description().get("name").textValue()).isEqualTo(type);
            assertThat(message.description().at("/payload/$ref").textValue()).isEqualTo("./schemas/" + type + ".json");
            assertThat(EventCodec.headers(read.event(), read.source())).isEqualTo(headers);
            assertThat(texts(api.at("/components/schemas/cloudEvent/required"))).containsExactlyInAnyOrderElementsOf(
                    headers.keySet());
            assertThat(EventSchemas.problems(type, value)).isEmpty();
        }
    }

    @Test
    void examplesOfInternalRecordsAreReadAndFitAndNameEveryKind() throws Exception {
        var commands = example("commands");
        var deliveries = example("link");
        var heartbeat = example("edges");
        var order = example(api.ofChannel("edges").getLast());

        var read = LogCodec.commands(commands);
        assertThat(LogCodec.commands(LogCodec.JSON_COMMANDS_VERSION, read)).asString(UTF_8)
                .isEqualTo(new String(commands, UTF_8));
        assertThat(LogCodec.commands(LogCodec.commands(read))).isEqualTo(read);
        var batch = Json.MAPPER.readValue(deliveries, Deliveries.class);
        assertThat(Json.MAPPER.writeValueAsString(batch)).isEqualTo(new String(deliveries, UTF_8));
        assertThat(LogCodec.deliveries(LogCodec.deliveries(batch.batch()))).isEqualTo(batch.batch());
        assertThat(LogCodec.deliveries(batch.batch())[0]).isEqualTo((byte) batch.v());
        assertThat(LogCodec.heartbeat(LogCodec.heartbeat(heartbeat))).asString(UTF_8)
                .isEqualTo(new String(heartbeat, UTF_8));
        assertThat(texts(api.at("/components/messages/beat/headers/required"))).containsExactly(RouterBeat.LINK);
        assertThat(LogCodec.order(LogCodec.order(order))).asString(UTF_8).isEqualTo(new String(order, UTF_8));
        assertThat(texts(api.at("/components/messages/order/payload/properties/order/properties/action/enum")))
                .isEqualTo(Arrays.stream(EdgeOrder.Action.values()).map(Enum::name).toList());
        assertThat(
                texts(api.at("/components/messages/commands/payload/properties/commands/items/properties/type/enum")))
                .isEqualTo(names(Command.class));
        assertThat(texts(api.at("/components/messages/deliveries/payload/properties/batch/properties/entries/items"
                + "/properties/delivery/properties/type/enum"))).isEqualTo(names(Delivery.class));
    }

    /** The bytes of the example of a channel's first message. */
    private byte[] example(String channel) {
        return example(api.ofChannel(channel).getFirst());
    }

    /** The bytes of a message's example, after validation against its schema. */
    private byte[] example(AsyncApi.Message message) {
        var payload = payloads(message).getFirst().toString();
        assertThat(api.problems(message, payload)).isEmpty();
        return payload.getBytes(UTF_8);
    }

    private static List<JsonNode> payloads(AsyncApi.Message message) {
        return message.examples().stream().map(example -> example.get("payload")).toList();
    }

    /** Returns the same value with the number types that the JSON parser gives. */
    private static @Nullable JsonNode reread(JsonNode json) throws IOException {
        return Json.MAPPER.readTree(json.toString());
    }

    private static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::textValue).toList();
    }

    private static List<String> names(Class<?> sealed) {
        return Arrays.stream(sealed.getAnnotation(JsonSubTypes.class).value()).map(JsonSubTypes.Type::name).toList();
    }

    private static String name(Class<?> frame) {
        return Arrays.stream(ServerFrame.class.getAnnotation(JsonSubTypes.class).value())
                .filter(type -> type.value() == frame).findFirst().orElseThrow().name();
    }
}
