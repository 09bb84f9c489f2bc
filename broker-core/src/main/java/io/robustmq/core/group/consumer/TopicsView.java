package io.robustmq.core.group.consumer;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.regex.ClientRegex;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** What groups need to know of the metadata. Immutable. */
final class TopicsView {
    private final MetaImage image;

    TopicsView(MetaImage image) {
        this.image = image;
    }

    long index() {
        return image.index();
    }

    /** Ids and numbers of partitions of those topics that exist. */
    SortedMap<TopicId, Integer> partitions(Collection<String> names) {
        SortedMap<TopicId, Integer> partitions = new TreeMap<>(Partitions.BY_ID);
        for (String name : names) {
            TopicImage topic = image.topic(name);
            if (topic != null) {
                partitions.put(topic.id(), topic.partitions().size());
            }
        }
        return partitions;
    }

    /** Differs when a topic came, went, or grew.. */
    long hash(Collection<String> names) {
        long hash = 0;
        for (var topic : partitions(names).entrySet()) {
            hash = 31 * hash + topic.getKey().high();
            hash = 31 * hash + topic.getKey().low();
            hash = 31 * hash + topic.getValue();
            hash ^= hash >>> 32;
        }
        return hash;
    }

    /** Names that match as a whole, in order. */
    List<String> matching(String regex, Predicate<String> visible) {
        Pattern pattern = ClientRegex.compile(regex);
        List<String> names = new ArrayList<>();
        for (TopicImage topic : image.topics()) {
            if (pattern.matches(topic.name()) && visible.test(topic.name())) {
                names.add(topic.name());
            }
        }
        names.sort(null);
        return names;
    }

    /** Why this is no regular expression, empty if it is one. */
    static String complaint(String regex) {
        try {
            ClientRegex.compile(regex);
            return "";
        } catch (PatternSyntaxException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
