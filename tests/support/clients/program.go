// What a Go program does with google.golang.org/genai: tunes, lists, gets, cancels, asks, streams.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"google.golang.org/genai"
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func main() {
	ctx, url, training := context.Background(), os.Args[1], os.Args[2]
	client := func(location string) *genai.Client {
		return must(genai.NewClient(ctx, &genai.ClientConfig{
			Backend: genai.BackendVertexAI, Project: "my-project", Location: location, HTTPClient: http.DefaultClient,
			HTTPOptions: genai.HTTPOptions{BaseURL: url, APIVersion: "v1beta1"},
		}))
	}
	here, there := client("us-central1"), client("us")
	tune := func(name string) *genai.TuningJob {
		epochs := int32(4)
		config := &genai.CreateTuningJobConfig{TunedModelDisplayName: name, EpochCount: &epochs}
		return must(here.Tunings.Tune(ctx, "gemini-3.5-flash", &genai.TuningDataset{GCSURI: training}, config))
	}
	job, other := tune("tickets"), tune("other")
	must(here.Tunings.Cancel(ctx, other.Name, nil))
	for job.State != genai.JobStateSucceeded && job.State != genai.JobStateFailed {
		time.Sleep(200 * time.Millisecond)
		job = must(here.Tunings.Get(ctx, job.Name, nil))
	}
	listed := []string{}
	page := must(here.Tunings.List(ctx, &genai.ListTuningJobsConfig{Filter: `tuned_model_display_name="tickets"`}))
	for _, found := range page.Items {
		listed = append(listed, found.TunedModelDisplayName)
	}
	models, base := []string{}, false
	for _, found := range must(there.Models.List(ctx, &genai.ListModelsConfig{QueryBase: &base})).Items {
		models = append(models, found.Labels["tune-type"])
	}
	config := &genai.GenerateContentConfig{Temperature: genai.Ptr[float32](0)}
	asked := genai.Text("my invoice - refund - what now?")
	answer := must(there.Models.GenerateContent(ctx, job.TunedModel.Endpoint, asked, config))
	stream := ""
	for part, err := range there.Models.GenerateContentStream(ctx, job.TunedModel.Endpoint, asked, config) {
		stream += must(part, err).Text()
	}
	form := &genai.GenerateContentConfig{
		Temperature: genai.Ptr[float32](0), ResponseMIMEType: "application/json",
		ResponseSchema: &genai.Schema{Type: genai.TypeObject, Properties: map[string]*genai.Schema{"label": {Type: genai.TypeString}}},
	}
	filled := must(there.Models.GenerateContent(ctx, job.TunedModel.Endpoint, asked, form))
	wrong := strings.Replace(job.TunedModel.Endpoint, "/us/", "/us-central1/", 1)
	_, refused := there.Models.GenerateContent(ctx, wrong, asked, nil)
	elsewhere := genai.APIError{}
	errors.As(refused, &elsewhere)
	must(0, json.NewEncoder(os.Stdout).Encode(map[string]any{
		"state": job.State, "cancelled": must(here.Tunings.Get(ctx, other.Name, nil)).State,
		"listed": listed, "models": models, "answer": answer.Text(), "stream": stream,
		"json": filled.Text(), "elsewhere": elsewhere.Status,
	}))
}
