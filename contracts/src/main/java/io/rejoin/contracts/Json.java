package io.rejoin.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.core.util.RecyclerPool;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.lang.reflect.Executable;
import org.jspecify.annotations.Nullable;

/**
 * The JSON mappers that all code here uses to read and write JSON. Numbers keep every digit. The mappers are safe for
 * any thread and must never be reconfigured.
 */
public final class Json {
    /**
     * The limits for JSON from clients. They are below {@link #SERVICE_LIMITS}, so that our readers accept a client's
     * content in our records, too. Our records add levels of nesting, so they may be deeper. The limit for names is
     * three times higher for another reason: a reader of text counts a name in characters, but a reader of bytes counts
     * it in bytes, up to three for each character.
     */
    private static final StreamReadConstraints CLIENT_LIMITS = StreamReadConstraints.builder().maxNestingDepth(64)
            .maxNumberLength(400).maxNameLength(16_000).build();

    /** Maximum depth of arrays and objects in JSON from our own topics and services. Deeper JSON is malformed. */
    static final int MAX_DEPTH = 128;
    /** Maximum length of a number in such JSON, in characters. */
    static final int MAX_NUMBER = 1_000;
    /** Maximum length of a member's name in such JSON. */
    static final int MAX_NAME = 50_000;

    private static final StreamReadConstraints SERVICE_LIMITS = StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH).maxNumberLength(MAX_NUMBER).maxNameLength(MAX_NAME).build();

    /**
     * Buffers that all threads share. Jackson's default keeps buffers per thread. Here each connection has a thread, so
     * each would hold 30 KB that it hardly ever uses.
     */
    private static final RecyclerPool<BufferRecycler> BUFFERS = JsonRecyclerPools.newBoundedPool(64);

    /**
     * The mapper for JSON that our own services write. It ignores unknown fields and omits nulls. It refuses a record
     * whose component is absent or null, unless the component is {@link Nullable}.
     */
    public static final JsonMapper MAPPER = mapper(SERVICE_LIMITS);

    /**
     * The mapper for JSON from clients. It differs from {@link #MAPPER} in lower limits, and refuses an object with the
     * same field twice.
     */
    public static final JsonMapper CLIENT_MAPPER = mapper(CLIENT_LIMITS).rebuild()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private Json() {}

    private static JsonMapper mapper(StreamReadConstraints limits) {
        return JsonMapper
                .builder(JsonFactory.builder().recyclerPool(BUFFERS)
                        .streamReadConstraints(limits).build())
                .annotationIntrospector(new RequiredUnlessNullable())
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .defaultPropertyInclusion(JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, null)).build();
    }

    /** Applies the null annotations at run time: a record component without {@code @Nullable} must be present. */
    private static final class RequiredUnlessNullable extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1L;

        @Override
        public @Nullable Boolean hasRequiredMarker(AnnotatedMember member) {
            return isRequired(member) ? Boolean.TRUE : super.hasRequiredMarker(member);
        }

        @Override
        public JsonSetter.Value findSetterInfo(Annotated annotated) {
            return isRequired(annotated) ? JsonSetter.Value.forValueNulls(Nulls.FAIL) : super.findSetterInfo(annotated);
        }

        private static boolean isRequired(Annotated annotated) {
            if (!(annotated instanceof AnnotatedParameter parameter)) return false;
            if (parameter.hasAnnotation(JsonUnwrapped.class)) return false;
            if (!(parameter.getOwner().getAnnotated() instanceof Executable owner)) return false;
            if (!owner.getDeclaringClass().isRecord()) return false;
            return !owner.getAnnotatedParameterTypes()[parameter.getIndex()].isAnnotationPresent(Nullable.class);
        }
    }
}
