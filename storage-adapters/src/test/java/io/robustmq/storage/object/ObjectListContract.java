package io.robustmq.storage.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every store of objects promises for many of them. */
public interface ObjectListContract extends ObjectStoreContract {
    /** Of which order and encodings would make something else. */
    List<String> ODD_NAMES = List.of(
            " /!#$%&'()+,-.=@_~",
            "%2F/%00",
            "+ and space/ x ",
            "-",
            ".hidden/..x",
            "0",
            "A",
            "a b",
            "a!/x",
            "a-b/c",
            "a.b",
            "a/b",
            "a/b!",
            "a/c/d/e/f/g",
            "a0",
            "a~",
            "b",
            "checkpoint.tmp",
            "z".repeat(200) + "/" + "y".repeat(200));

    /** How many objects the test of many has. */
    int manyObjects();

    @Test
    default void oddNamesAreKeptAsTheyAreAndInOrder() throws IOException {
        List<String> shuffled = new ArrayList<>(ODD_NAMES);
        Collections.reverse(shuffled);
        for (String name : shuffled) {
            create(name, Samples.text(name));
        }
        List<String> sorted = new ArrayList<>(shuffled);
        Collections.sort(sorted);
        assertThat(names(store().list("", "", 1_000))).containsExactlyElementsOf(sorted);
        for (String name : sorted) {
            assertThat(read(name, 0, name.length())).isEqualTo(Samples.text(name));
            assertThat(store().info(name).name()).isEqualTo(name);
        }
        store().delete(sorted.subList(0, 10));
        assertThat(names(store().list("", "", 1_000))).containsExactlyElementsOf(sorted.subList(10, sorted.size()));
        store().delete(sorted);
        assertThat(store().list("", "", 1_000).objects()).isEmpty();
    }

    @Test
    default void aPrefixNeedNotEndWhereADirectoryDoes() throws IOException {
        for (String name : List.of("t/10/a", "t/1/a", "t/1/b", "t/1-x", "t/2", "u/1")) {
            create(name, Samples.text(name));
        }
        assertThat(list("t/1")).containsExactly("t/1-x", "t/1/a", "t/1/b", "t/10/a");
        assertThat(list("t/1/")).containsExactly("t/1/a", "t/1/b");
        assertThat(list("t/1/b")).containsExactly("t/1/b");
        assertThat(list("t/1/c")).isEmpty();
        assertThat(list("u")).containsExactly("u/1");
        assertThat(list("v/w")).isEmpty();
        assertThat(list("")).containsExactly("t/1-x", "t/1/a", "t/1/b", "t/10/a", "t/2", "u/1");
    }

    @Test
    default void pagesFollowOnEachOther() throws IOException {
        List<String> names = List.of("p/a", "p/b/1", "p/b/2", "p/b/3", "p/c", "p/d/1", "q");
        for (String name : names) {
            create(name, Samples.text(name));
        }
        for (int count = 1; count <= 8; count++) {
            assertThat(paged("", count)).containsExactlyElementsOf(names);
            assertThat(paged("p/", count)).containsExactlyElementsOf(names.subList(0, 6));
            assertThat(paged("p/b", count)).containsExactlyElementsOf(names.subList(1, 4));
        }
        assertThat(names(store().list("", "p/b/1", 2))).containsExactly("p/b/2", "p/b/3");
        assertThat(names(store().list("", "p/b/11", 2)))
                .as("one that is not there")
                .containsExactly("p/b/2", "p/b/3");
        assertThat(names(store().list("", "p/b", 1))).containsExactly("p/b/1");
        assertThat(names(store().list("p/b", "a", 1))).containsExactly("p/b/1");
        assertThat(store().list("p/b", "p/c", 1).objects()).isEmpty();
        assertThat(store().list("", "q", 1)).isEqualTo(new ObjectPage(List.of(), false));
        assertThat(store().list("", "p/d/1", 1)).isEqualTo(new ObjectPage(List.of(new ObjectInfo("q", 1)), false));
    }

    @Test
    default void deletingIsIdempotentAndFreesTheName() throws IOException {
        ObjectStore store = store();
        create("d/1", Samples.text("one"));
        create("d/2", Samples.text("two"));
        create("d/3", Samples.text("three"));
        store.delete(List.of("d/1", "d/missing", "no/such/directory"));
        store.delete(List.of("d/1"));
        store.delete(List.of());
        ObjectStoreContract.assertKind(Kind.NOT_FOUND, () -> read("d/1", 0, 3));
        assertThat(list("d/")).containsExactly("d/2", "d/3");
        create("d/1", Samples.text("new"));
        assertThat(read("d/1", 0, 3)).isEqualTo(Samples.text("new"));
        store.delete(List.of("d/1", "d/2", "d/3"));
        assertThat(list("")).isEmpty();
    }

    @Test
    default void creatingAndDeletingInOneDirectoryAtOnceLosesNothing() throws Exception {
        List<Integer> done = Races.run(8, racer -> {
            for (int i = 0; i < 8; i++) {
                String name = "busy/" + racer + "-" + i;
                create(name, Samples.text("x"));
                if (i < 7) {
                    store().delete(List.of(name));
                }
            }
        });
        assertThat(done).hasSize(8);
        assertThat(list("busy/"))
                .containsExactlyElementsOf(IntStream.range(0, 8)
                        .mapToObj(racer -> "busy/" + racer + "-7")
                        .toList());
    }

    @Test
    default void manyObjectsAreListedAndDeletedPageByPage() throws Exception {
        int count = manyObjects();
        ObjectStore store = store();
        List<Integer> done = Races.run(8, racer -> {
            ByteBuffer content = ByteBuffer.wrap(Samples.text("x"));
            for (int i = racer; i < count; i += 8) {
                store.create(manyName(i), new UUID(0, i), List.of(content));
            }
        });
        assertThat(done).hasSize(8);
        List<String> expected =
                IntStream.range(0, count).mapToObj(ObjectListContract::manyName).toList();
        assertThat(paged("many/", ObjectStore.PAGE_COUNT_MAX)).isEqualTo(expected);
        for (int at = 0; at < count; at += ObjectStore.PAGE_COUNT_MAX) {
            store.delete(expected.subList(at, Math.min(count, at + ObjectStore.PAGE_COUNT_MAX)));
        }
        assertThat(list("many/")).isEmpty();
    }

    default List<String> list(String prefix) throws IOException {
        return paged(prefix, ObjectStore.PAGE_COUNT_MAX);
    }

    default List<String> paged(String prefix, int countMax) throws IOException {
        List<String> all = new ArrayList<>();
        String after = "";
        boolean more = true;
        while (more) {
            ObjectPage page = store().list(prefix, after, countMax);
            assertThat(page.objects()).hasSizeLessThanOrEqualTo(countMax);
            all.addAll(names(page));
            more = page.more();
            after = all.isEmpty() ? "" : all.get(all.size() - 1);
        }
        return all;
    }

    private static List<String> names(ObjectPage page) {
        return page.objects().stream().map(ObjectInfo::name).toList();
    }

    private static String manyName(int i) {
        return String.format("many/%03d/%06d", i / 1_000, i);
    }
}
