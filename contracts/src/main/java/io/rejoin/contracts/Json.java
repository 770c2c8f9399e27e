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

/** The one way JSON is read and written here. Numbers keep every digit. Mappers are safe for any thread; never reconfigured. */
public final class Json {
    /**
     * What a client may send. It has to stay within {@link #OURS} however we write it: more is around it then, and a name
     * counts by its bytes, up to three for a character.
     */
    private static final StreamReadConstraints CLIENTS = StreamReadConstraints.builder().maxNestingDepth(64)
            .maxNumberLength(400).maxNameLength(16_000).build();

    /** How deep arrays and objects are nested in what is read from our own topics and services; beyond it the input is malformed. */
    static final int MAX_DEPTH = 128;
    /** The longest number there, in characters. */
    static final int MAX_NUMBER = 1_000;
    /** The longest name of an object's member there. */
    static final int MAX_NAME = 50_000;

    private static final StreamReadConstraints OURS = StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH)
            .maxNumberLength(MAX_NUMBER).maxNameLength(MAX_NAME).build();

    /** Jackson's default keeps some with each thread, which is with each connection here: 30 KB that it hardly ever uses. */
    private static final RecyclerPool<BufferRecycler> BUFFERS = JsonRecyclerPools.newBoundedPool(64);

    /**
     * For what we write ourselves. Ignores fields it does not know, leaves out what is null, and refuses a record whose
     * component is absent or null unless the component is {@link Nullable}.
     */
    public static final JsonMapper MAPPER = mapper(OURS);

    /** For what clients send: the same, with less of everything, and no field twice in an object. */
    public static final JsonMapper CLIENT_MAPPER = mapper(CLIENTS).rebuild()
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

    /** Lets the compiler's null marks hold at run time as well: a component without {@code @Nullable} must be there. */
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
