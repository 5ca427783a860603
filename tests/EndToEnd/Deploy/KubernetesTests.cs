using System.Globalization;
using LoraRecycle.Tests;
using YamlDotNet.RepresentationModel;

namespace LoraRecycle.EndToEnd.Deploy;

public sealed class KubernetesTests
{
    private const string Base = "deploy/kubernetes/base";

    private readonly IReadOnlyList<Manifest> _all = Manifests.Of(Base);
    private readonly Dockerfile _images = Dockerfile.Read();

    private IEnumerable<Manifest> Deployments => _all.Where(manifest => manifest.Kind == "Deployment");

    [Fact]
    public void Every_object_has_a_kind_a_version_and_a_name_of_its_own()
    {
        Assert.All(_all, manifest => Assert.False(string.IsNullOrEmpty(manifest.Node.Text("apiVersion"))));
        Assert.Equal(_all.Count, _all.Select(manifest => (manifest.Kind, manifest.Name)).Distinct().Count());
        Assert.Equal(
            ["api", "worker"],
            Deployments.Select(deployment => deployment.Node.Pairs("metadata/labels")["app.kubernetes.io/component"])
        );
    }

    [Fact]
    public void Settings_are_settings_of_the_service_and_secrets_come_by_reference()
    {
        foreach (var manifest in _all.Where(manifest => manifest.Kind == "ConfigMap"))
            foreach (var (variable, value) in manifest.Node.Pairs("data"))
                KnownSettings.AssertTakes(manifest.File, variable, value);
        foreach (
            var deployment in Deployments.Append(
                new Manifest("deploy/kubernetes/gpu/api.yaml", Assert.Single(YamlFile.Read("deploy", "kubernetes", "gpu", "api.yaml")))
            )
        )
        {
            foreach (var variable in deployment.Container.Items("env"))
            {
                KnownSettings.AssertTakes(deployment.File, variable.Text("name")!, variable.Text("value"));
                if (variable.At("valueFrom/secretKeyRef") is { } secret)
                    AssertDocumented(secret.Text("name")!, secret.Text("key")!);
                Assert.DoesNotMatch("(?i)connectionstring|password", variable.Text("value") is null ? "" : variable.Text("name")!);
            }
            foreach (var source in deployment.Container.Items("envFrom"))
                Assert.Contains(_all, manifest => manifest.Kind == "ConfigMap" && manifest.Name == source.Text("configMapRef/name"));
        }
        Assert.DoesNotContain(_all, manifest => manifest.Kind == "Secret");
    }

    [Fact]
    public async Task Images_are_targets_of_the_dockerfile_and_their_arguments_options_of_the_program()
    {
        var (code, help, _) = await CommandLineProcess.RunAsync(CommandLineProcess.Program, "serve", "--help");
        Assert.Equal(0, code);
        foreach (var deployment in Deployments)
        {
            var image = deployment.Container.Text("image")!.Split(':');
            Assert.Equal("lora-recycle", image[0]);
            Assert.Contains(image[1], _images.Stages.Select(stage => stage.Name));
            var arguments = deployment.Container.Texts("args");
            Assert.Equal("serve", arguments[0]);
            foreach (var option in arguments.Where(argument => argument.StartsWith("--", StringComparison.Ordinal)))
                Assert.Contains($" {option} ", help, StringComparison.Ordinal);
            Assert.Equal(
                deployment.Node.Pairs("metadata/labels")["app.kubernetes.io/component"],
                arguments[arguments.ToList().IndexOf("--role") + 1]
            );
        }
    }

    [Fact]
    public void Probes_ask_for_health_at_the_port_that_is_listened_on_and_wait_longer_than_the_forward_pass_may_take()
    {
        foreach (var deployment in Deployments)
        {
            var port = Assert.Single(deployment.Container.Items("ports"));
            Assert.Contains($"http://0.0.0.0:{port.Text("containerPort")}", deployment.Container.Texts("args"));
            foreach (
                var (probe, path) in new[]
                {
                    ("startupProbe", "/healthz/ready"),
                    ("livenessProbe", "/healthz/live"),
                    ("readinessProbe", "/healthz/ready"),
                }
            )
            {
                Assert.Equal(path, deployment.Container.Text($"{probe}/httpGet/path"));
                Assert.Equal(port.Text("name"), deployment.Container.Text($"{probe}/httpGet/port"));
                if (path == "/healthz/ready")
                    Assert.True(
                        Seconds(deployment.Container, $"{probe}/timeoutSeconds")
                            > ((TimeSpan)KnownSettings.Default("Health:Deadline")!).TotalSeconds
                    );
            }
            Assert.True(
                Seconds(deployment.Node, "spec/template/spec/terminationGracePeriodSeconds") > 60,
                "Requests in flight are given 60 s."
            );
        }
    }

    [Fact]
    public void Pods_have_no_rights_and_can_write_their_volumes_alone()
    {
        var directory = _all.Single(manifest => manifest.Kind == "ConfigMap").Node.Text("data/Storage__Directory");
        foreach (var deployment in Deployments)
        {
            var pod = deployment.Node.At("spec/template/spec")!;
            Assert.Equal(
                ("true", "RuntimeDefault", "false"),
                (
                    pod.Text("securityContext/runAsNonRoot"),
                    pod.Text("securityContext/seccompProfile/type"),
                    pod.Text("automountServiceAccountToken")
                )
            );
            var user = _images
                .Whole(_images.Stage(deployment.Container.Text("image")!.Split(':')[1]))
                .Last(instruction => instruction.Verb == "USER")
                .Rest.Split(':');
            Assert.Equal(
                (user[0], user[1], user[1]),
                (pod.Text("securityContext/runAsUser"), pod.Text("securityContext/runAsGroup"), pod.Text("securityContext/fsGroup"))
            );
            Assert.Equal(
                ("true", "false"),
                (
                    deployment.Container.Text("securityContext/readOnlyRootFilesystem"),
                    deployment.Container.Text("securityContext/allowPrivilegeEscalation")
                )
            );
            Assert.Equal(["ALL"], deployment.Container.Texts("securityContext/capabilities/drop"));

            var volumes = pod.Items("volumes");
            var mounts = deployment
                .Container.Items("volumeMounts")
                .ToDictionary(
                    mount => mount.Text("mountPath")!,
                    mount => volumes.Single(volume => volume.Text("name") == mount.Text("name"))
                );
            Assert.Contains("/tmp", mounts.Keys);
            var claim = mounts[directory!].Text("persistentVolumeClaim/claimName");
            Assert.Equal(
                ["ReadWriteMany"],
                _all.Single(manifest => manifest.Kind == "PersistentVolumeClaim" && manifest.Name == claim).Node.Texts("spec/accessModes")
            );
            Assert.Contains(_all, manifest => manifest.Kind == "ServiceAccount" && manifest.Name == pod.Text("serviceAccountName"));
            foreach (var resource in new[] { "requests/cpu", "requests/memory", "limits/memory" })
                Assert.NotNull(deployment.Container.Text($"resources/{resource}"));
        }
        Assert.Equal("1", Deployments.Last().Container.Pairs("resources/limits")["nvidia.com/gpu"]);
    }

    [Fact]
    public void What_selects_pods_selects_those_of_a_deployment()
    {
        foreach (var deployment in Deployments)
            AssertSelects(deployment.Node.Pairs("spec/selector/matchLabels"), deployment);
        var (api, worker) = (Deployments.First(), Deployments.Last());
        var service = _all.Single(manifest => manifest.Kind == "Service");
        AssertSelects(service.Node.Pairs("spec/selector"), api);
        Assert.Equal(
            Assert.Single(api.Container.Items("ports")).Text("name"),
            Assert.Single(service.Node.Items("spec/ports")).Text("targetPort")
        );
        var autoscaler = _all.Single(manifest => manifest.Kind == "HorizontalPodAutoscaler");
        Assert.Equal(
            (api.Kind, api.Name),
            (autoscaler.Node.Text("spec/scaleTargetRef/kind"), autoscaler.Node.Text("spec/scaleTargetRef/name"))
        );
        Assert.Null(api.Node.At("spec/replicas")); // applying the manifest again would undo what the autoscaler did
        foreach (var budget in _all.Where(manifest => manifest.Kind == "PodDisruptionBudget"))
            AssertSelects(budget.Node.Pairs("spec/selector/matchLabels"), budget.Name == api.Name ? api : worker);
        foreach (var policy in _all.Where(manifest => manifest.Kind == "NetworkPolicy"))
            AssertSelects(policy.Node.Pairs("spec/podSelector/matchLabels"), api);
    }

    [Fact]
    public void The_variant_changes_a_deployment_that_is_there_and_gives_it_a_gpu()
    {
        Assert.Empty(Manifests.Of("deploy/kubernetes/gpu"));
        var patch = new Manifest("deploy/kubernetes/gpu/api.yaml", Assert.Single(YamlFile.Read("deploy", "kubernetes", "gpu", "api.yaml")));
        var api = Deployments.First();
        Assert.Equal((api.Kind, api.Name, api.Container.Text("name")), (patch.Kind, patch.Name, patch.Container.Text("name")));
        Assert.Equal(
            ("1", "cuda"),
            (patch.Container.Pairs("resources/limits")["nvidia.com/gpu"], patch.Container.Items("env").Single().Text("value"))
        );
    }

    private static void AssertSelects(IReadOnlyDictionary<string, string> labels, Manifest deployment)
    {
        Assert.NotEmpty(labels);
        var pod = deployment.Node.Pairs("spec/template/metadata/labels");
        foreach (var (label, value) in labels)
            Assert.Equal(value, pod.GetValueOrDefault(label));
    }

    private static void AssertDocumented(string secret, string key)
    {
        var readme = File.ReadAllText(Repository.PathOf("deploy", "README.md"));
        Assert.Contains($"create secret generic {secret} ", readme, StringComparison.Ordinal);
        Assert.Contains($"--from-literal={key}=", readme, StringComparison.Ordinal);
    }

    private static int Seconds(YamlNode node, string path) => int.Parse(node.Text(path)!, CultureInfo.InvariantCulture);
}
