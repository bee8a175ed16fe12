import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.nio.file.Path;

/**
 * Helm itself, by its library: `lint CHART`, or `template CHART [VALUES FILE]... [KEY=VALUE]...`.
 * Prints what Helm says; ends with 1 where it refuses.
 */
public final class RunHelm {
  public static void main(String[] args) {
    try {
      Helm chart = new Helm(Path.of(args[1]));
      if (args[0].equals("lint")) lint(chart);
      else template(chart, args);
    } catch (RuntimeException refused) {
      System.err.println(refused.getMessage());
      System.exit(1);
    }
  }

  private static void lint(Helm chart) {
    LintResult result = chart.lint().strict().call();
    result.getMessages().forEach(System.out::println);
    if (result.isFailed()) System.exit(1);
  }

  private static void template(Helm chart, String[] args) {
    TemplateCommand command = chart.template().withName("carillon").withNamespace("messages").withKubeVersion("1.31.0");
    for (int index = 2; index < args.length; index++) {
      int sign = args[index].indexOf('=');
      if (sign < 0) command = command.withValuesFile(Path.of(args[index]));
      else command = command.set(args[index].substring(0, sign), args[index].substring(sign + 1));
    }
    System.out.println(command.call());
  }
}
